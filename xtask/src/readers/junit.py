# SPDX-License-Identifier: Apache-2.0
"""Validates JUnit XML against a schema, reads it, and prints a JSON object for each of its tests.

Usage: junit.py SCHEMA DOCUMENT, with junitparser and xmlschema where Python finds them.
"""

import json
import sys

import junitparser
import xmlschema

schema, document = sys.argv[1:]
xmlschema.XMLSchema(schema).validate(document)
suites = junitparser.JUnitXml.fromfile(document)
count = 0
for suite in suites:
    for case in suite:
        count += 1
        results = [
            {"kind": type(result).__name__, "type": result.type, "message": result.message, "text": result.text}
            for result in case.result
        ]
        print(json.dumps({"suite": suite.name, "class": case.classname, "name": case.name, "results": results}))
if suites.tests != count:
    sys.exit(f"{document} says that it has {suites.tests} tests, and has {count}")
