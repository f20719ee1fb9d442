"""In which encoding a text is written. The whole file is looked at, in a stream: Chinese may begin in the last line."""

import codecs
import unicodedata
from pathlib import Path

import chardet

from siyu.observe.imports.readers.refusals import EncodingUnknown, NotText

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
)
_BLOCK = 1 << 20
_SAMPLE_BYTES = 1 << 16
_GUESSED = {"Big5": "cp950", "CP932": "cp932", "CP949": "cp949", "GB18030": "gb18030"}
"""By the detector's name, the codecs of East Asian encodings that are told apart by how usual their characters are."""
_USUAL_LEADS = {bytes((lead,)) for lead in (0xA1, 0xA3, *range(0xB0, 0xD8))}
"""First bytes, in GB 2312, of punctuation, full-width letters and the 3755 commonest characters."""
_USUAL_SHARE = 0.8


def detect(path: Path) -> str:
    """The Python codec of a text file. Raises NotText or EncodingUnknown.

    Almost every text of two-byte characters decodes as GB18030: unless that gives usual Chinese, a statistical detector is asked.
    """
    with open(path, "rb") as file:
        start = file.read(1 << 16)
    for mark, codec in _BOMS:
        if start.startswith(mark):
            return codec
    for magic, name in _MAGIC:
        if start.startswith(magic):
            raise NotText(found=name)
    if b"\x00" in start:
        codec = _wide(start)
        if not decodes(path, codec):
            raise NotText(found="binary")
        return codec
    if decodes(path, "utf-8"):
        return "utf-8"
    chinese = decodes(path, "gb18030") and _chinese(path)
    if chinese and _usual(path):
        return "gb18030"
    found = chardet.detect(_foreign(path), include_encodings=[*_GUESSED, "Windows-1252"])["encoding"]
    guessed = _GUESSED.get(found or "")
    if guessed and guessed != "gb18030" and decodes(path, guessed):
        return guessed
    if chinese:
        return "gb18030"
    if decodes(path, "cp1252"):
        return "cp1252"
    raise EncodingUnknown()


def _wide(start: bytes) -> str:
    """UTF-16 without a mark: nearly every second byte of a Western text is zero."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = max(len(start) // 2, 1)
    if odd > half * 0.2 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.2 and odd < half * 0.05:
        return "utf-16-be"
    raise NotText(found="binary")


def decodes(path: Path, codec: str) -> bool:
    """Whether the whole file is text of this codec."""
    decoder = codecs.getincrementaldecoder(codec)()
    with open(path, "rb") as file:
        try:
            while block := file.read(_BLOCK):
                if not block.isascii() or decoder.getstate()[0]:
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _chinese(path: Path) -> bool:
    """Whether what GB18030 makes of the bytes is plausible: Western texts decode as well, into rare and private characters."""
    decoder = codecs.getincrementaldecoder("gb18030")()
    plausible = strange = 0
    with open(path, "rb") as file:
        while plausible + strange < 5_000 and (block := file.read(_BLOCK)):
            for character in decoder.decode(block):
                if character > "\x7f":
                    if "一" <= character <= "龥" or "　" <= character <= "〿" or "！" <= character <= "￯" or character in "￥“”‘’…—·×÷°℃①②③④⑤":
                        plausible += 1
                    elif unicodedata.category(character) in ("Co", "Cn", "Cc") or not "⺀" <= character <= "鿿":
                        strange += 1
    return plausible > 0 and strange * 10 <= plausible


def _usual(path: Path) -> bool:
    """Whether the characters that GB18030 makes of the bytes are those that people use."""
    wide = [character.encode("gb2312", "ignore") for character in _foreign(path).decode("gb18030", "ignore") if character > "\x7f"]
    return sum(coded[:1] in _USUAL_LEADS for coded in wide if coded) >= _USUAL_SHARE * len(wide)


def _foreign(path: Path) -> bytes:
    """The first lines that are not ASCII alone, up to a sample's size."""
    found, size = [], 0
    with open(path, "rb") as file:
        for line in file:
            if not line.isascii():
                found.append(line[:_SAMPLE_BYTES])
                size += len(found[-1])
                if size >= _SAMPLE_BYTES:
                    break
    return b"".join(found)
