"""What Schemathesis is not to make up, and not to take for granted (`SCHEMATHESIS_HOOKS`)."""

import schemathesis
from schemathesis.specs.openapi import checks

# Which changes an answer has to know: one that no node has reached yet is waited for and then refused with 503, as it is described.
# Almost every number it would make up is one. The stories of the management ask for it.
AT_LEAST = {"$ref": "#/components/parameters/AtLeast"}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            operation["parameters"].remove(AT_LEAST)


@schemathesis.check
def what_was_made_is_there(ctx, response, case):
    """In place of `ensure_resource_availability`: what a dry run answers as made was taken back, and is not there for the next request."""
    maker = ctx._find_parent(case_id=case.id)
    if maker is not None and (maker.query or {}).get("dry_run") in (True, "true"):
        return None
    return checks.ensure_resource_availability(ctx, response, case)
