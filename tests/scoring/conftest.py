from hypothesis import settings

# A busy machine is not a failure: everything as it is set, but no deadline per example
settings.register_profile("no_deadline", settings(), deadline=None)
settings.load_profile("no_deadline")
