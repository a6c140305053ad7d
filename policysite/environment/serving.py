"""Settings of what serves: the ones that production needs, hosts and proxies, large texts, the demo."""

from policysite import logs
from policysite.environment import addresses, kinds
from policysite.environment.setting import Section, Setting

DAY = 24 * 60 * 60

NEEDED = Section(
    "Needed in production",
    (
        Setting(
            "SECRET_KEY",
            kinds.secret(50),
            "Signs sessions, codes and links",
            otherwise="none; the demo makes one and keeps it in `var/`",
            is_needed=True,
            is_secret=True,
        ),
        Setting(
            "SITE_URL",
            addresses.origin("the site's origin, such as https://policies.example.org"),
            "Every link in a mail begins with it. It has no path: a site is not served below one. `http` is taken for"
            " this machine alone (`localhost`, `127.0.0.1`, `[::1]`). With `https` cookies are secure, HTTP redirects,"
            " HSTS is on",
            demo="http://127.0.0.1:8000",
            is_needed=True,
        ),
        Setting(
            "DATABASE_URL",
            addresses.database(),
            "PostgreSQL's JIT is switched off for its connections (`options=-c jit=off`); PgBouncer has to let"
            " `options` through",
            otherwise="none; demo: `var/policysite.sqlite3`",
            is_needed=True,
            is_secret=True,
        ),
        Setting(
            "LEDGER_KEY",
            kinds.seed(),
            "Signs the heads of the ledger. Keep it apart from the database",
            otherwise="none; the demo makes one and keeps it in `var/`",
            is_needed=True,
            is_secret=True,
        ),
        Setting(
            "CELERY_BROKER_URL",
            addresses.broker(),
            "It carries no state: wiping it loses nothing. `none`: a small site without workers and beat, where"
            " `policysite all` or `run_deliveries` looks every two seconds for what is due. SQLite is for such a site"
            " alone",
            default="redis://127.0.0.1:6379/0",
            demo="filesystem://",
            otherwise="`redis://127.0.0.1:6379/0`; demo: files below `var/`",
            is_secret=True,
        ),
        Setting(
            "EMAIL_URL",
            addresses.mail_server(),
            "`smtp+tls` begins in the open and asks for STARTTLS, `smtp+ssl` begins with TLS; user and password"
            " percent-encoded (ASCII), where the server asks for them. Without a port it is 25, 587 or 465. The"
            " certificate has to be good: one of your own authority is made known by `SSL_CERT_FILE`, as everywhere"
            " with OpenSSL",
            default="smtp://127.0.0.1:25",
            demo="smtp://127.0.0.1:1025",
            is_secret=True,
        ),
        Setting(
            "ORGANIZATION",
            kinds.text(100),
            "Who speaks on the pages and in mails, until the desk gives another name under *Look and words*",
            default="This organization",
            demo="Northwind Audio",
        ),
    ),
)

LARGE_TEXTS = Section(
    "Large texts",
    (
        Setting(
            "TEXT_PROCESSES",
            kinds.whole(1, 64),
            "How many large texts one process of the site works on at a time",
            default="2",
        ),
        Setting(
            "TEXT_WAITING",
            kinds.whole(0, 1000),
            "How many callers wait for their turn; whoever comes after them is told to try again in a minute",
            default="8",
        ),
        Setting(
            "TEXT_SECONDS",
            kinds.seconds(0.1, 600),
            "For how long a caller waits for a turn, and how long one piece of work may then take (preview, redline,"
            " import). What takes longer is stopped, and the answer says which line to look at",
            default="20",
        ),
        Setting(
            "TEXT_MEGABYTES",
            kinds.whole(128, 1_000_000),
            "How much memory one of these processes may take; about 60 of them are taken before any text is",
            default="512",
        ),
    ),
    introduction="A text over 16 KB is not worked on in the process that answers requests, but beside it: others are"
    " answered meanwhile.",
)

PUBLIC_PAGES = Section(
    "Public pages",
    (
        Setting(
            "PAGES_KEPT_MEGABYTES",
            kinds.whole(0, 100_000),
            "How much memory each process of the site may take for public pages, as they are and packed; 0: for none",
            default="64",
        ),
        Setting(
            "CACHE_PURGE_URL",
            addresses.web_address("the address at which your CDN or cache takes the word to let go of everything"),
            "Called by a worker within seconds of each change of a public page that no date foretold, by POST with"
            ' `{"purge_everything":true}`, until it answers with 2xx: [caching.md](caching.md). Without it a shared'
            " cache shows such a change at most a minute late",
            otherwise="empty: nobody",
        ),
        Setting(
            "CACHE_PURGE_HEADER",
            kinds.header(),
            "Goes with `CACHE_PURGE_URL`, to say who calls",
            is_secret=True,
        ),
    ),
)

HOSTS = Section(
    "Hosts, proxies and secrets",
    (
        Setting(
            "ALLOWED_HOSTS",
            kinds.listed(addresses.allowed_host(), made=list),
            "Names the site answers to; the host of `SITE_URL` is one of them",
            demo="127.0.0.1,localhost,[::1]",
            otherwise="the host of `SITE_URL`; demo: this machine",
        ),
        Setting(
            "TRUSTED_PROXIES",
            kinds.whole(0, 10),
            "How many proxies stand in front, each of which adds its caller to `X-Forwarded-For`: usually 1. Limits,"
            " records and sign-in then go by the address of the caller. With 0 behind a proxy everybody is one caller;"
            " with more than there are, anybody is whom they say",
            default="0",
        ),
        Setting(
            "BEHIND_TLS_PROXY",
            kinds.flag(),
            "On: trust `X-Forwarded-Proto` from the proxy in front. Only where the proxy always sets it",
            otherwise="on where `TRUSTED_PROXIES` is above 0",
        ),
        Setting(
            "DESK_SECOND_FACTOR",
            kinds.flag(),
            "Whoever works at the desk signs in with a code from an authenticator app as well. Off only where your"
            " proxy or identity provider asks for one",
            default="1",
            demo="0",
        ),
        Setting(
            "SECRET_KEY_FALLBACKS",
            kinds.listed(kinds.secret(), made=list, is_secret=True),
            "Former keys while a change of `SECRET_KEY` goes round",
            is_secret=True,
        ),
        Setting(
            "STATIC_ROOT",
            kinds.folder(),
            "Where `manage.py collectstatic` puts the files that pages load, and the web server finds them",
            otherwise="what an installed package brings along; in a checkout `staticfiles/`",
        ),
        Setting(
            "DATABASE_CONN_MAX_AGE",
            kinds.whole(0, DAY),
            "Seconds a connection to PostgreSQL is kept",
            default="60",
        ),
        Setting(
            "SECURITY_CONTACT",
            addresses.contact(),
            "Where to report a weakness, in `/.well-known/security.txt`",
            otherwise="`mailto:security@MAIL_DOMAIN`",
        ),
        Setting(
            "ANYMAIL",
            kinds.json_object(),
            "Settings of [django-anymail](https://anymail.dev/): the keys of `MAIL_PROVIDER`, and the proof by which"
            " the reports of `MAIL_REPORTS` are known",
            is_secret=True,
        ),
        Setting(
            "METRICS_TOKEN",
            kinds.token(),
            "Who sends it (`Authorization: Bearer ...`) may read `/metrics`, `/health/all/` and the reasons of"
            " `/health/notices/`; empty: whoever asks from the same machine and not through a proxy",
            is_secret=True,
        ),
        Setting(
            "METRICS_FOLDER",
            kinds.folder(),
            "Where all processes for pages of one machine count their requests, for `/metrics`: a folder of that"
            " machine alone, some hundred KB for each process",
            otherwise="`metrics` in the home of the site (`POLICYSITE_VAR`)",
        ),
        Setting(
            "ACCESS_LOG",
            kinds.flag(),
            "On: a line in the log for each request that a view answered: method, view, status, bytes, milliseconds and"
            " the request's id; no address, path or query",
            default="1",
        ),
        Setting(
            "LOG_FORMAT",
            kinds.one_of(logs.FORMATS),
            "One JSON object a line, or one line of text. Both without addresses and tokens",
            default="json",
            demo="line",
        ),
        Setting(
            "LOG_LEVEL",
            kinds.one_of(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]),
            "Least level that is logged, to standard error",
            default="INFO",
        ),
        Setting(
            "DEBUG",
            kinds.flag(),
            "Django's error pages. Never in production: the site does not start with it where something was published"
            " that the demo did not make",
            default="0",
        ),
    ),
)

DEMO = Section(
    "Demo and development",
    (
        Setting(
            "POLICYSITE_DEMO",
            kinds.flag(),
            "Made-up people, a mailbox page, SQLite and no broker. `make demo` sets it. The site does not start with it"
            " where something was published that the demo did not make",
            default="0",
        ),
        Setting(
            "POLICYSITE_VAR",
            kinds.folder(),
            "The home of a site, as `policysite --home` has it: settings, marks, its database where that is a file,"
            " what the demo keeps",
            otherwise="`policysite` in the home folder of the site's user; in a checkout `var/`",
        ),
    ),
)
