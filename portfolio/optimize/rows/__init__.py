"""The rules of a policy as rows of the model, one file for each kind of rule."""
