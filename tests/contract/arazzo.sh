#!/usr/bin/env bash
# The Arazzo description that is published with the document: Redocly runs its session.
source "$(dirname "$0")/../portal.sh"
built
work=$(fresh "$root/target/contract/arazzo")
cd "$root"
start_portal
export REDOCLY_CLI_RESPECT_INPUT=email=$PRANCER_EMAIL,customer_id=$PRANCER_CUSTOMER_ID,password=$PRANCER_PASSWORD
export REDOCLY_CLI_RESPECT_SERVER=auth=$portal
quiet "$tools/redocly/node_modules/.bin/redocly" respect openapi/session.arazzo.yaml --json-output "$work/report.json"
# It holds tokens, so none of it is shown.
jq --raw-output '
    [.files["openapi/session.arazzo.yaml"].executedWorkflows[0].executedSteps[]] as $steps
    | [$steps[].checks[]?] as $checks
    | ([$checks[] | select(.passed)] | length) as $passed
    | if ($steps | length) == 5 and $passed == ($checks | length) and $passed > 5
      then "5 steps, \($passed) checks"
      else error("\($passed) of \($checks | length) checks of \($steps | length) steps passed") end
' "$work/report.json"
