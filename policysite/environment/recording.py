"""Settings of people, their answers, and the log."""

from policysite.environment import addresses, kinds
from policysite.environment.setting import Section, Setting

# Where people read, answer, sign in and leave: the gate stands before none of these.
OPEN_PAGES = (
    *("/p/", "/review/", "/sign-in/", "/hand-over/", "/account/", "/account/export/", "/account/leave/"),
    *("/admin/", "/api/", "/health/"),
)

PEOPLE = Section(
    "People and answers",
    (
        Setting(
            "PEOPLE_ANSWER_AT",
            addresses.answer_page(),
            "A page of your own product to which mails lead for an answer, and which hands people over"
            " (docs/integrating.md): `https`, or `http` on this machine. `{policy}` and `{version}` in it are filled"
            " in. A policy may have one of its own at the desk",
            otherwise="empty: the answer page here",
        ),
        Setting(
            "PEOPLE_AUDIENCES",
            kinds.listed(kinds.tag()),
            "Audiences that people may be in although no policy names them yet, such as `at,de,fr`; every other one"
            " that the API or a file gives has to be one of a policy",
        ),
        Setting(
            "ACCEPTANCE_GATE_PATHS",
            kinds.listed(kinds.gate_path(OPEN_PAGES)),
            "Where the product begins: these paths wait for an answer that is due",
            demo="/demo/product/",
        ),
        Setting(
            "RECORD_NETWORK_ADDRESS",
            kinds.flag(),
            "On: an answer keeps the network it came from, cut short (/24, /48), and the name of the browser, in the"
            " row that erasure deletes",
            default="0",
        ),
        Setting(
            "HAND_OVER_ORIGINS",
            kinds.listed(addresses.origin("origins, such as https://app.example.org")),
            "Products that may hand people over to the answer page: where people may return to",
        ),
        Setting(
            "RETENTION_YEARS",
            kinds.whole(1, 100),
            "Years after somebody left until `manage.py apply_retention` erases them",
            default="6",
        ),
    ),
)

LEDGER = Section(
    "Ledger",
    (
        Setting(
            "LEDGER_TSA_URL",
            addresses.web_address("the address of a time-stamp authority"),
            "A time-stamp authority (RFC 3161) that stamps the newest head; needs the extra `timestamps`",
            otherwise="empty: nobody",
        ),
        Setting(
            "LEDGER_TSA_ROOTS",
            kinds.certificates(),
            "What the authority's answers are checked against; needed with `LEDGER_TSA_URL`",
        ),
        Setting(
            "LEDGER_WITNESSES",
            kinds.listed(kinds.witness()),
            "Each its public key, a blank and its address: `witness.example+1a2b3c4d+BDE... https://witness.example`",
            otherwise="empty: nobody",
        ),
        Setting(
            "LEDGER_ANCHOR_MINUTES",
            kinds.whole(1, 525_600),
            "For how long after an anchor nobody is asked for another one",
            default="60",
        ),
        Setting(
            "LEDGER_OLD_VERIFIERS",
            kinds.listed(kinds.log_key(kinds.OF_A_LOG)),
            "Former public keys, as `/.well-known/policy-log/key` showed them: what they signed stays valid",
        ),
    ),
)
