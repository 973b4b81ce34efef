"""What Schemathesis is not to make up (`SCHEMATHESIS_HOOKS`)."""

import schemathesis

# Which changes an answer has to know: one that no node has reached yet is waited for and then refused with 503, as it is described.
# Almost every number it would make up is one. The stories of the management ask for it.
AT_LEAST = {"$ref": "#/components/parameters/AtLeast"}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            operation["parameters"].remove(AT_LEAST)
