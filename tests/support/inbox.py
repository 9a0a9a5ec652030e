"""A handler for aiosmtpd: keeps what arrives, and behaves as the file `mode` in its folder says.

`accept`; an answer such as `451 later` or `550 no`, given to the recipient; `drop`: take the message and cut the connection
instead of answering; `hold`: take it and answer when the mode is another one.
"""

import asyncio
import json
import pathlib


class Inbox:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    @classmethod
    def from_cli(cls, parser, *arguments):
        return cls(*arguments)

    def mode(self):
        return (self.folder / "mode").read_text().strip()

    async def handle_RCPT(self, server, session, envelope, address, options):
        mode = self.mode()
        if mode[0].isdigit():
            return mode
        envelope.rcpt_tos.append(address)
        return "250 recipient taken"

    async def handle_DATA(self, server, session, envelope):
        message = {"to": envelope.rcpt_tos, "bytes": envelope.content.decode("ascii")}
        with (self.folder / "inbox.jsonl").open("a") as inbox:
            inbox.write(json.dumps(message) + "\n")
        if self.mode() == "drop":
            server.transport.abort()
        while self.mode() == "hold":
            await asyncio.sleep(0.02)
        return "250 message taken"
