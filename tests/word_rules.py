"""What Word demands of a file before it opens it without repair: rules of ISO/IEC 29500 and Word's own limits.

A rule that a file breaks is a sentence; a sound file has none. LibreOffice forgives most of them.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
LONGEST_BOOKMARK = 40

ORDERS = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
    "suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd "
    "snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment "
    "textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid "
    "vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em "
    "lang eastAsianLayout specVanish oMath",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing "
    "tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription tblPrChange",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    "tbl": "bookmarkStart bookmarkEnd tblPr tblGrid tr",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType "
    "pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings",
    "style": "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked "
    "personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr",
    "tblBorders": "top left start bottom right end insideH insideV",
    "tblCellMar": "top left start bottom right end",
}
"""Element → the order that the schema gives its children."""


def broken_rules(docx: bytes) -> list[str]:
    """Every rule that the file breaks, in words."""
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    trees = {name: ElementTree.fromstring(part) for name, part in parts.items() if name.endswith((".xml", ".rels"))}
    document = trees["word/document.xml"]
    found = [*_types(trees["[Content_Types].xml"], parts), *_relations(trees, parts)]
    for name, tree in trees.items():
        if name.startswith("word/") and name.endswith(".xml"):
            found += [f"{name}: {fault}" for fault in (*_orders(tree), *_spaces(tree), *_tables(tree))]
    return [*found, *_styles(document, trees["word/styles.xml"]), *_places(document), *_pictures(document)]


def _types(types: ElementTree.Element, parts: dict[str, bytes]) -> Iterator[str]:
    defaults = {each.get("Extension", "").lower() for each in types.iter(f"{TYPES}Default")}
    named = {each.get("PartName", "").lstrip("/") for each in types.iter(f"{TYPES}Override")}
    yield from (f"the type of {name} is declared and it is not there" for name in sorted(named - set(parts)))
    for name in parts:
        if name != "[Content_Types].xml" and name not in named and name.rpartition(".")[2].lower() not in defaults:
            yield f"{name} has no type"


def _relations(trees: dict[str, ElementTree.Element], parts: dict[str, bytes]) -> Iterator[str]:
    """Every relation leads to a part, and every reference to a relation."""
    for name, tree in trees.items():
        if not name.endswith(".rels"):
            continue
        folder, _, file = name.rpartition("_rels/")
        rows = list(tree.iter(f"{PACKAGE}Relationship"))
        for row in rows:
            target = posixpath.normpath(posixpath.join(folder, row.get("Target", "")))
            if row.get("TargetMode") != "External" and target.lstrip("/") not in parts:
                yield f"{name}: {row.get('Target')} is not there"
        known = Counter(row.get("Id") for row in rows)
        yield from (f"{name}: {key} is there twice" for key, number in known.items() if number > 1)
        source = trees.get(folder + file.removesuffix(".rels"))
        used = (
            {value for each in source.iter() for key, value in each.attrib.items() if key.startswith(R)}
            if source is not None
            else set()
        )
        yield from (f"{name}: {key} is used and not there" for key in sorted(used - set(known)))


def _orders(tree: ElementTree.Element) -> Iterator[str]:
    for element in tree.iter():
        order = ORDERS.get(element.tag.removeprefix(W), "").split()
        children = [child.tag.removeprefix(W) for child in element if child.tag.startswith(W)]
        if not order:
            continue
        strange = [child for child in children if child not in order]
        if strange:
            yield f"{element.tag.removeprefix(W)} holds {strange[0]}"
        places = [order.index(child) for child in children if child in order]
        if places != sorted(places):
            yield f"{element.tag.removeprefix(W)} has its parts in the order {' '.join(children)}"


def _spaces(tree: ElementTree.Element) -> Iterator[str]:
    for text in tree.iter(f"{W}t"):
        if text.text and text.text != text.text.strip(" ") and text.get(SPACE) != "preserve":
            yield f"the spaces around {text.text!r} are lost"


def _tables(tree: ElementTree.Element) -> Iterator[str]:
    for cell in tree.iter(f"{W}tc"):
        if not len(cell) or cell[-1].tag != f"{W}p":
            yield "a cell does not end with a paragraph"
    for table in tree.iter(f"{W}tbl"):
        columns = len(table.findall(f"{W}tblGrid/{W}gridCol"))
        for row in table.findall(f"{W}tr"):
            spans = [cell.find(f"{W}tcPr/{W}gridSpan") for cell in row.findall(f"{W}tc")]
            wide = sum(1 if span is None else int(span.get(f"{W}val", "1")) for span in spans)
            if wide != columns:
                yield f"a row of {wide} columns in a table of {columns}"


def _styles(document: ElementTree.Element, styles: ElementTree.Element) -> Iterator[str]:
    known = {style.get(f"{W}styleId") for style in styles.iter(f"{W}style")}
    for kind in ("pStyle", "rStyle", "tblStyle"):
        used = {each.get(f"{W}val") for each in document.iter(f"{W}{kind}")}
        yield from (f"{kind} {name} is no style" for name in sorted(str(each) for each in used - known))


def _places(document: ElementTree.Element) -> Iterator[str]:
    """Bookmarks begin and end once, have names that Word takes, and are where links lead."""
    begun = list(document.iter(f"{W}bookmarkStart"))
    starts = Counter(each.get(f"{W}id") for each in begun)
    ends = Counter(each.get(f"{W}id") for each in document.iter(f"{W}bookmarkEnd"))
    names = Counter(str(each.get(f"{W}name")) for each in begun)
    if starts != ends or any(number > 1 for number in (*starts.values(), *names.values())):
        yield "bookmarks do not begin and end once each"
    yield from (f"bookmark {name} is too long" for name in names if len(name) > LONGEST_BOOKMARK)
    led = {str(each.get(f"{W}anchor")) for each in document.iter(f"{W}hyperlink") if each.get(f"{W}anchor")}
    yield from (f"a link leads to {name}, which is not there" for name in sorted(led - set(names)))
    body = document.find(f"{W}body")
    if body is None or body[-1].tag != f"{W}sectPr":
        yield "the text does not end with its page layout"


def _pictures(document: ElementTree.Element) -> Iterator[str]:
    numbers = Counter(each.get("id") for each in document.iter(f"{WP}docPr"))
    yield from (f"two pictures have the number {number}" for number, times in numbers.items() if times > 1)
    for picture in document.iter(f"{WP}docPr"):
        if not picture.get("descr"):
            yield f"picture {picture.get('id')} is not described"
