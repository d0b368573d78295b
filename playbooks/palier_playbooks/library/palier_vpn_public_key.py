#!/usr/bin/python
"""The public half of a WireGuard key, without its private half ever being told."""

from __future__ import annotations

DOCUMENTATION = r"""
module: palier_vpn_public_key
short_description: Tell a WireGuard key's public half
options:
  file: {type: path, required: true, description: The private key's file.}
author: [Palier]
"""
RETURN = r"""
public_key: {type: str, returned: where there is a key, description: The public half, in base64.}
"""

import base64
import binascii
import os
import subprocess

from ansible.module_utils.basic import AnsibleModule

# RFC 8410: what stands before the 32 bytes of an X25519 private key in DER.
PREFIX = bytes.fromhex("302e020100300506032b656e04220420")


def main() -> None:
    module = AnsibleModule(
        argument_spec={"file": {"type": "path", "required": True}}, supports_check_mode=True
    )
    path = module.params["file"]
    if not os.path.exists(path):
        module.exit_json(changed=False, public_key="")
    with open(path, "rb") as file:
        text = file.read()
    try:
        private = base64.b64decode(text, validate=False)
    except binascii.Error:
        private = b""
    if len(private) != 32:
        module.fail_json(msg=f"{path} is no WireGuard private key; move it away, and run this again")
    done = subprocess.run(
        ["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"],
        input=PREFIX + private,
        capture_output=True,
    )
    if done.returncode != 0:
        module.fail_json(msg=f"openssl cannot read the key in {path}")
    module.exit_json(changed=False, public_key=base64.b64encode(done.stdout[-32:]).decode())


if __name__ == "__main__":
    main()
