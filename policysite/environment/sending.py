"""Settings of mails and webhooks."""

from policysite import provider_reports
from policysite.environment import addresses, kinds
from policysite.environment.setting import Section, Setting

DAY = 24 * 60 * 60

MAIL = Section(
    "Mail",
    (
        Setting(
            "MAIL_PROVIDER",
            kinds.mail_provider(),
            "A provider by whose HTTP interface all mail goes out instead of `EMAIL_URL`, with its keys in `ANYMAIL`"
            " (docs/operating.md). Not Amazon SES, which has an SMTP server: see `EMAIL_URL`",
        ),
        Setting(
            "MAIL_REPORTS",
            kinds.one_of(sorted(provider_reports.PROOFS)),
            "The provider that reports what became of mails, at `/anymail/<provider>/tracking/` (docs/operating.md);"
            " for mail that goes by its SMTP server (`EMAIL_URL`) it is named here. Without its proof in `ANYMAIL` the"
            " start is refused; no other provider has an address",
            otherwise="`MAIL_PROVIDER`",
        ),
        Setting(
            "MAIL_DOMAIN",
            addresses.host_name(),
            "The domain of both senders and of message ids",
            otherwise="the host of `SITE_URL`; demo: `northwind.example`",
            demo="northwind.example",
        ),
        Setting(
            "LEGAL_FROM",
            addresses.sender(),
            "The sender of legal notices to people with accounts",
            otherwise="`ORGANIZATION <legal@MAIL_DOMAIN>`",
        ),
        Setting(
            "ALERTS_FROM",
            addresses.sender(),
            "The sender of alerts to followers; another address than the one above, as large mailbox providers ask",
            otherwise="`ORGANIZATION policy alerts <alerts@MAIL_DOMAIN>`",
        ),
        Setting(
            "MAIL_SENT_FROM",
            kinds.listed(addresses.ip()),
            "The addresses from which your mail server, or your provider, sends your mails on; SPF and their names are"
            " examined for them (docs/operating.md)",
        ),
        Setting(
            "MAIL_DKIM_KEYS",
            kinds.listed(addresses.dkim_key()),
            "The keys by which your mail server or provider signs your mails, as the DNS names them",
        ),
        Setting(
            "DNS_SERVERS",
            kinds.listed(addresses.dns_server()),
            "Whom to ask how the world sees your mail domain; name one outside where your own answers otherwise inside",
            otherwise="those of the system",
        ),
        Setting(
            "NOTICE_RATE_PER_MINUTE",
            kinds.whole(1, 1_000_000),
            "Mails a minute your server takes, over all workers and notices; each notice can be made slower at the desk"
            " (“Change the pace”)",
            default="6000",
            demo="60",
        ),
        Setting(
            "NOTICE_CANARY",
            kinds.whole(0, 1_000_000),
            "A notice pauses by itself after so many mails, until somebody resumes it; 0: never. Whoever publishes may"
            " choose otherwise on the publish page",
            default="0",
        ),
        Setting(
            "NOTICE_INTENTIONS_AT_ONCE",
            kinds.whole(1, 1000),
            'How many mails are written down as "about to go out" in one commit, over SMTP. A worker that is killed'
            " leaves up to so many uncertain, and a pause lets so many go out; 5 halves the work a mail"
            " (docs/measures.md)",
            default="1",
        ),
        Setting(
            "NOTICE_MAILS_PER_DOMAIN",
            kinds.whole(0, 1000),
            "How many mails go to one destination domain at the same time, over all workers; 0: as many as there are"
            " workers, for a server that spreads them itself",
            default="2",
        ),
        Setting(
            "NOTICE_RETRY_WAITS",
            kinds.waits(),
            "Seconds before the second, third ... try of a mail that was deferred; the last wait repeats",
            default="60,300,900,3600,10800,21600",
        ),
        Setting(
            "NOTICE_UNCERTAIN_WAIT",
            kinds.whole(0, 30 * DAY),
            "Seconds before a legal notice that may have gone out is sent once more",
            default="900",
        ),
        Setting(
            "EMAIL_TIMEOUT",
            kinds.seconds(0.1, 600),
            "Seconds to wait for the mail server to connect and for each of its answers",
            default="60",
        ),
        Setting(
            "SWEEP_SECONDS",
            kinds.seconds(0.1, 3600),
            "How often beat rings. For at most so long a lost bell, or a worker that died, keeps anything waiting",
            default="30",
            demo="2",
        ),
        Setting(
            "DELIVERY_LEASE_SECONDS",
            kinds.seconds(0.2, DAY),
            "How long a worker may be silent before others take over; at least twice `EMAIL_TIMEOUT`",
            default="120",
        ),
        Setting(
            "HIGH_WATER_FOLDER",
            kinds.folder(),
            "A folder that web and workers of all machines share and that is not restored with the database: its marks"
            " tell a restored database from one that knows all it sent",
            otherwise="`var/high-water`",
        ),
        Setting(
            "HOST_KEY",
            kinds.secret(),
            "Shared with the server of your own product, which signs who is shown a notice there (docs/operating.md);"
            " empty: nobody is",
            is_secret=True,
        ),
        Setting(
            "ADDRESS_KEY",
            kinds.lasting_secret(),
            "Keys the hashes of suppressed addresses and the return paths of mails. Set it, and they outlive a change"
            " of `SECRET_KEY`",
            otherwise="`SECRET_KEY`",
            is_secret=True,
        ),
    ),
)

WEBHOOKS = Section(
    "Webhooks",
    (
        Setting(
            "WEBHOOK_KEY",
            kinds.secret(),
            "The secrets of webhooks are derived from it. Set it, and they outlive a change of `SECRET_KEY`",
            otherwise="`SECRET_KEY`",
            is_secret=True,
        ),
        Setting(
            "WEBHOOK_KEY_FALLBACKS",
            kinds.listed(kinds.secret(), made=list, is_secret=True),
            "Former keys that sign too while a change goes round",
            otherwise="`SECRET_KEY_FALLBACKS`",
            is_secret=True,
        ),
        Setting(
            "WEBHOOK_ALLOWED_NETWORKS",
            kinds.listed(addresses.network()),
            "Networks that webhooks may lead to although they are not public, and without TLS",
            demo="127.0.0.0/8",
        ),
        Setting(
            "WEBHOOK_RETRY_WAITS",
            kinds.waits(),
            "Seconds before the second, third ... try of a call",
            default="5,300,1800,7200,18000,36000,50400,72000,86400",
        ),
        Setting(
            "WEBHOOK_GIVE_UP_DAYS",
            kinds.whole(1, 365),
            "A webhook to which nothing came through for so long is turned off, and the desk is told",
            default="3",
        ),
    ),
)
