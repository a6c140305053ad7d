"""nginx and Caddy in front of a deployment, by the configurations of `deploy/` with other names and ports."""

import getpass
import shutil
from dataclasses import dataclass
from pathlib import Path

from policysite.running import processes
from tests import secure_sink

ROOT = Path(__file__).parents[2]
NGINX = """
daemon off; worker_processes 1; user {user}; pid {folder}/nginx.pid; error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
CADDY = """{{
    admin off
    auto_https off
    storage file_system {folder}/caddy
}}
"""


def missing(name: str) -> str:
    """Why a proxy cannot be tried here; empty where it can."""
    return "" if shutil.which(name) else f"{name} is not installed: apt-get install {PACKAGES[name]}"


PACKAGES = {"nginx": "nginx-light", "caddy": "caddy"}


@dataclass
class Proxy:
    """
    :ivar port: where it speaks TLS
    :ivar upstream: the port of the site behind it
    :ivar second: the port of its second process, where there is one
    :ivar purging: the port where it is told to let go of what it keeps, by the configuration that keeps pages
    """

    name: str
    folder: Path
    port: int
    upstream: int
    second: int = 0
    purging: int = 0

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def certificate(self) -> Path:
        return self.folder / "127.0.0.1.pem"

    def start(self) -> processes.Process:
        secure_sink.make_authority(self.folder).issue("127.0.0.1")
        command = self._nginx() if self.name == "nginx" else self._caddy()
        log = self.folder / "proxy.log"
        process = processes.start(
            command, log=log, environment={"PATH": "/usr/sbin:/usr/bin", "HOME": str(self.folder)}
        )
        processes.wait_until(lambda: processes.answers(self.port), process=process, log=log, name=self.name)
        return process

    def _nginx(self) -> list[str]:
        second = f"server 127.0.0.1:{self.second} max_fails=0;" if self.second else ""
        caching = {
            "127.0.0.1:8081": f"127.0.0.1:{self.purging}",
            "/var/cache/nginx/policysite": str(self.folder / "cache"),
        }
        text = _filled(
            (ROOT / "deploy" / ("nginx-caching.conf" if self.purging else "nginx.conf")).read_text(),
            {
                **(caching if self.purging else {}),
                "127.0.0.1:8000": f"127.0.0.1:{self.upstream}",
                "server 127.0.0.1:8001 max_fails=0;": second,
                "listen 80;": f"listen 127.0.0.1:{processes.free_port()};",
                "listen 443 ssl http2;": f"listen 127.0.0.1:{self.port} ssl http2;",
                "/etc/letsencrypt/live/policies.example.org/fullchain.pem": str(self.certificate),
                "/etc/letsencrypt/live/policies.example.org/privkey.pem": str(self.certificate),
                "policies.example.org": "127.0.0.1",
            },
        )
        (self.folder / "site.conf").write_text(text)
        main = self.folder / "nginx.conf"
        main.write_text(NGINX.format(folder=self.folder, user=getpass.getuser()))
        return ["nginx", "-e", "stderr", "-c", str(main)]

    def _caddy(self) -> list[str]:
        tls = f"https://127.0.0.1:{self.port} {{\n\ttls {self.certificate} {self.certificate}"
        site = _filled(
            (ROOT / "deploy" / "Caddyfile").read_text(),
            {"policies.example.org {": tls, "127.0.0.1:8000": f"127.0.0.1:{self.upstream}"},
        )
        path = self.folder / "Caddyfile"
        path.write_text(CADDY.format(folder=self.folder) + site)
        return ["caddy", "run", "--adapter", "caddyfile", "--config", str(path)]


def _filled(text: str, values: dict[str, str]) -> str:
    for old, new in values.items():
        assert old in text, f"deploy/ does not say {old} any more"
        text = text.replace(old, new)
    return text
