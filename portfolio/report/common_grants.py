"""What our columns are called in the CommonGrants protocol.

Source: CommonGrants core library, version 0.4, models Award, Proposal, Application and Opportunity
(https://commongrants.org). A path names a field of a model; what the protocol has no field for belongs into the
``customFields`` of its model, and has no name here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "id": "AwardBase.identifiers.otherIds",
        "title": "AwardBase.title",
        "abstract": "AwardBase.description",
        "amount": "AwardBase.funding.requestedAmount",
        "amount_requested": "AwardBase.funding.requestedAmount",
        "amount_awarded": "AwardBase.funding.awardedAmount",
        "institution": "AwardBase.recipientOrganizations",
        "investigator": "ProposalBase.contacts.primary.name",
        "scheme": "AwardBase.opportunity.title",
        "decision": "ApplicationBase.status.value",
        "budget": "OpportunityBase.funding.totalAmountAvailable",
    }
)


def common_grants_name(column: str) -> str:
    """Return the path of a column in the models of the CommonGrants protocol; empty where it has none.

    ``decision`` is ``accepted`` there where it is ``funded`` here, and ``rejected`` otherwise.
    """
    return _NAMES.get(column, "")
