"""Signature and cipher against fixed check values, and what must be refused."""

import pytest

from siyu.connectors.wecom import BadKeys, CallbackKeys, CallbackRejected, echo, open_push
from siyu.connectors.wecom.crypto import MAX_BODY, decrypt, encrypt, encrypted_part, envelope, signature

KEYS = CallbackKeys("SandboxToken01", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA", "ww00000000000000a1")
TIMESTAMP, NONCE, RANDOM = "1700000000", "1234567890", b"0123456789abcdef"

CHECK_VALUES = [
    (
        "4242424242424242",
        "Al31VOORMRWx6emIpmL5quCb7luDYrGoe5zdbMDNiyMMlfeRTcxgb1XL+UeQBSutFaxZG9Ev5AkZKH5enluBHg==",
        "f182d29a8f9e7b83dc98e7d797f5e4f7acedde5f",
    ),
    (
        "<xml><a>你好</a></xml>",
        "Al31VOORMRWx6emIpmL5qpjSE5XQ4Pd5C9J1SYAkWyX0z4YgITCh11eg4TspYLddMyu/lrmWfp9vlEQZfEdO3A==",
        "a6f29c90d93849dccb82e9fd2188dc95835bbfce",
    ),
    (
        "abcdefghijklmnopqrstuvwxyz",
        "Al31VOORMRWx6emIpmL5qp4tnDLFHBr6Z8DF0vrC4lkFMc18sgi+0QNrykbxamdvXgST8W/U9Hgct6vNqHFLZX/AxVZ+QPga1v9Yxi3Z5IeKIs2aus+TuV/NIPv9eRp7",
        "f74f6e6433eb63a7cbeba64ece1340763a54544d",
    ),
]


@pytest.mark.parametrize(("message", "encrypted", "signed"), CHECK_VALUES)
class TestCheckValues:
    def test_encrypts(self, message: str, encrypted: str, signed: str) -> None:
        assert encrypt(KEYS, message.encode(), random16=RANDOM) == encrypted

    def test_signs(self, message: str, encrypted: str, signed: str) -> None:
        assert signature(KEYS.token, TIMESTAMP, NONCE, encrypted) == signed

    def test_answers_the_url_check_with_exactly_the_text(self, message: str, encrypted: str, signed: str) -> None:
        assert echo(KEYS, msg_signature=signed, timestamp=TIMESTAMP, nonce=NONCE, echostr=encrypted) == message.encode()

    def test_opens_a_push(self, message: str, encrypted: str, signed: str) -> None:
        body = envelope(to=KEYS.receive_id, agent_id="1000002", encrypted=encrypted)
        assert open_push(KEYS, body, msg_signature=signed, timestamp=TIMESTAMP, nonce=NONCE) == message.encode()


def rejected(body: bytes, *, signed: str | None = None) -> str:
    encrypted = CHECK_VALUES[0][1]
    with pytest.raises(CallbackRejected) as caught:
        open_push(KEYS, body, msg_signature=signed or signature(KEYS.token, TIMESTAMP, NONCE, encrypted), timestamp=TIMESTAMP, nonce=NONCE)
    return caught.value.reason


class TestRefusals:
    def test_a_wrong_signature_is_refused_before_anything_is_decrypted(self) -> None:
        assert rejected(envelope(to="x", agent_id="", encrypted="AAAA"), signed="0" * 40) == "signature"

    def test_a_signature_that_is_not_ascii_is_only_wrong(self) -> None:
        assert rejected(envelope(to="x", agent_id="", encrypted="AAAA"), signed="签名") == "signature"

    def test_two_encrypt_elements_are_refused(self) -> None:
        assert rejected(b"<xml><Encrypt>AAAA</Encrypt><Encrypt>BBBB</Encrypt></xml>") == "envelope"

    def test_nothing_but_base64_is_taken(self) -> None:
        assert rejected(b"<xml><Encrypt>&e;</Encrypt></xml>") == "envelope"
        assert rejected(b"<xml></xml>") == "envelope"
        assert rejected(b"</Encrypt><Encrypt>") == "envelope"

    def test_a_doctype_is_refused(self) -> None:
        assert rejected(b'<!doctype x [<!entity e "v">]><xml><Encrypt>AAAA</Encrypt></xml>') == "doctype"

    def test_a_body_over_the_limit_is_refused(self) -> None:
        assert rejected(b"<xml><Encrypt>" + b"A" * MAX_BODY + b"</Encrypt></xml>") == "size"

    def test_another_receive_id_is_refused(self) -> None:
        other = CallbackKeys(KEYS.token, KEYS.aes_key, "ww00000000000000b2")
        with pytest.raises(CallbackRejected, match="receive_id"):
            decrypt(other, CHECK_VALUES[0][1])

    @pytest.mark.parametrize("encrypted", ["", "AAA", "AAAA", "A" * 44, "!"])
    def test_damaged_cipher_text_is_refused_and_never_raises_anything_else(self, encrypted: str) -> None:
        with pytest.raises(CallbackRejected):
            decrypt(KEYS, encrypted)

    def test_every_flipped_byte_is_refused_or_changes_the_message(self) -> None:
        import base64

        original = base64.b64decode(CHECK_VALUES[1][1])
        for position in range(16, len(original)):
            damaged = bytearray(original)
            damaged[position] ^= 0x41
            try:
                assert decrypt(KEYS, base64.b64encode(bytes(damaged)).decode()) != CHECK_VALUES[1][0].encode()
            except CallbackRejected:
                continue


class TestEnvelope:
    def test_json_twin_is_read(self) -> None:
        assert encrypted_part(b'{"tousername":"ww1","encrypt":"AB\\/CD==","agentid":1}') == "AB/CD=="

    def test_plain_text_in_place_of_cdata_is_read(self) -> None:
        assert encrypted_part(b"\xef\xbb\xbf<xml>\n<Encrypt> ABCD </Encrypt></xml>") == "ABCD"


class TestKeys:
    @pytest.mark.parametrize("token", ["", "a" * 33, "with space", "t-t"])
    def test_a_token_has_up_to_32_letters_and_digits(self, token: str) -> None:
        with pytest.raises(BadKeys):
            CallbackKeys(token, KEYS.aes_key, "ww1")

    @pytest.mark.parametrize("key", ["", "a" * 42, "a" * 44, "a" * 42 + "="])
    def test_a_key_has_43_letters_and_digits(self, key: str) -> None:
        with pytest.raises(BadKeys):
            CallbackKeys("t", key, "ww1")

    def test_the_last_character_may_carry_bits_that_do_not_count(self) -> None:
        sloppy = CallbackKeys(KEYS.token, KEYS.aes_key[:-1] + "B", KEYS.receive_id)
        assert decrypt(sloppy, CHECK_VALUES[0][1]) == b"4242424242424242"

    def test_secrets_do_not_show(self) -> None:
        assert KEYS.token not in repr(KEYS)
        assert KEYS.aes_key not in repr(KEYS)
