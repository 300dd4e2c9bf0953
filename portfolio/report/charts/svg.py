"""From the SVG that matplotlib writes to one that can stand anywhere: inert, small, and readable by machines."""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET

from portfolio.report.charts.theme import MEASURED, SHOWN

_SVG, _LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_HREF = f"{{{_LINK}}}href"
_FRACTION = re.compile(r"-?\d+\.\d{3,}")
_REFERENCE = re.compile(r"#([\w.-]+)")
_NUMBERS = ("d", "x", "y", "width", "height", "transform", "points", "viewBox")
# A page may forbid styles that stand in it (a content security policy), but no attributes of SVG.
_ATTRIBUTES = {
    *("fill", "fill-opacity", "fill-rule", "stroke", "stroke-opacity", "stroke-width", "stroke-linejoin"),
    *("stroke-linecap", "stroke-dasharray", "stroke-dashoffset", "stroke-miterlimit", "opacity"),
    *("font-size", "font-family", "font-weight", "font-style", "text-anchor"),
}
ET.register_namespace("", _SVG)
ET.register_namespace("xlink", _LINK)


def tidied(written: str, width: float, title: str, description: str) -> str:
    """Return an SVG without style sheet, document type and metadata, with names that no other chart of a page has.

    Parameters
    ----------
    written
        As matplotlib writes it.
    width
        In CSS pixels.
    title, description
        For those who cannot see it; any text.
    """
    root = ET.fromstring(written)
    for parent in root.iter():
        for child in list(parent):
            if child.tag in {f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"}:
                parent.remove(child)
    for element in root.iter():
        _plain(element)
    for element in root.iter():
        _gathered(element)
    digest = hashlib.sha256(f"{title}\n{description}\n{written}".encode()).hexdigest()
    _renamed(root, f"chart-{digest[:10]}")
    _described(root, f"chart-{digest[:10]}", title, description)
    wide, high = map(float, root.attrib["viewBox"].split()[2:])
    root.attrib |= {"width": f"{width:g}", "height": f"{round(width * high / wide):g}"}
    root.attrib |= {"stroke-linejoin": "round", "stroke-linecap": "butt", "font-family": SHOWN}
    return ET.tostring(root, encoding="unicode") + "\n"


def _plain(element: ET.Element) -> None:
    """Turn declarations of style into attributes, and round what is finer than anyone can see."""
    declared = [part.partition(":") for part in element.attrib.pop("style", "").split(";") if part.strip()]
    style = {name.strip(): value.strip() for name, _, value in declared}
    if style.get("font-family") == f"'{MEASURED}'":
        del style["font-family"]
    element.attrib |= {name: value for name, value in style.items() if name in _ATTRIBUTES}
    rest = "; ".join(f"{name}: {value}" for name, value in style.items() if name not in _ATTRIBUTES)
    if rest:
        element.attrib["style"] = rest
    for name in _NUMBERS:
        if name in element.attrib:
            rounded = _FRACTION.sub(lambda number: f"{float(number[0]):.2f}", element.attrib[name])
            element.attrib[name] = " ".join(rounded.split())
    if element.attrib.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    if element.tag != f"{{{_SVG}}}text":
        element.text = None
    element.tail = None


def _gathered(group: ET.Element) -> None:
    """Say what all points of a group share once, and not at each of them."""
    if len(group) < 2 or any(child.tag != f"{{{_SVG}}}use" for child in group):
        return
    for name in sorted(set(group[0].attrib) - {"x", "y", _HREF}):
        value = group[0].attrib[name]
        if name not in group.attrib and all(child.attrib.get(name) == value for child in group):
            group.attrib[name] = value
            for child in group:
                del child.attrib[name]


def _renamed(root: ET.Element, prefix: str) -> None:
    used = {name for element in root.iter() for value in _references(element) for name in value}
    names = {name: f"{prefix}-{index}" for index, name in enumerate(sorted(used))}
    for element in root.iter():
        name = element.attrib.pop("id", None)
        if name in names:
            element.attrib["id"] = names[name]
        for key, value in element.attrib.items():
            if key == _HREF or value.startswith("url("):
                element.attrib[key] = _REFERENCE.sub(lambda found: f"#{names[found[1]]}", value)


def _references(element: ET.Element) -> list[list[str]]:
    values = (value for key, value in element.attrib.items() if key == _HREF or value.startswith("url("))
    return [_REFERENCE.findall(value) for value in values]


def _described(root: ET.Element, prefix: str, title: str, description: str) -> None:
    for place, (name, words) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{{{_SVG}}}{name}", {"id": f"{prefix}-{name}"})
        element.text = words
        root.insert(place, element)
    root.attrib |= {"role": "img", "aria-labelledby": f"{prefix}-title {prefix}-desc"}
