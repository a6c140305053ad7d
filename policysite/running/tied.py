"""
Run a command that ends when its parent does:
`python policysite/running/tied.py PARENT SIGNAL USER COMMAND...` (USER may be empty).

A program of its own, because the kernel's promise (prctl PR_SET_PDEATHSIG, Linux only) has to be asked for by
the child, and Python code between fork and exec may deadlock when the parent has threads.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def become(name: str) -> None:
    account = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def main(*, parent: str, signal_number: str, user: str, command: list[str]) -> None:
    if user:
        become(user)
    # Last before exec, since a change of user takes the promise back.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal_number))
    if os.getppid() != int(parent):
        sys.exit("The parent was gone before its child could be tied to it.")
    os.execvp(command[0], command)  # noqa: S606 - the caller's own command, and no shell is wanted


if __name__ == "__main__":
    main(parent=sys.argv[1], signal_number=sys.argv[2], user=sys.argv[3], command=sys.argv[4:])
