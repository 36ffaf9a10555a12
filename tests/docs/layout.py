# SPDX-License-Identifier: MIT
"""Measures pages of the web site in Chromium, as windows of a computer and of a phone show them."""
import html
import json
import os
import re
import shutil
import subprocess

SIZES = [(1280, 900), (390, 844)]

# Each page is in a frame of one of the sizes. A contrast is computed as WCAG 2 defines it.
SCRIPT = """
function channels(color) { return color.match(/[\\d.]+/g).map(Number); }
function luminance(color) {
    const c = channels(color).map(v => v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
}
function background(view, element) {
    for (; element; element = element.parentElement) {
        const color = view.getComputedStyle(element).backgroundColor;
        if (channels(color)[3] !== 0)
            return color;
    }
    return "rgb(255, 255, 255)";
}
function contrast(view, element) {
    const values = [luminance(view.getComputedStyle(element).color), luminance(background(view, element))];
    return (Math.max(...values) + 0.05) / (Math.min(...values) + 0.05);
}
function measure(frame) {
    const view = frame.contentWindow, page = frame.contentDocument, root = page.documentElement;
    const pale = new Set(), texts = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        const is_shown = element.getClientRects().length && view.getComputedStyle(element).visibility !== "hidden";
        if (texts.currentNode.data.trim() && is_shown && contrast(view, element) < 4.5)
            pale.add(element.localName + "." + element.className);
    }
    const menu = page.querySelector(".sphinxsidebar");
    return {page: frame.title, width: frame.clientWidth, excess: root.scrollWidth - root.clientWidth, pale: [...pale],
            title: page.querySelector(".body h1").getBoundingClientRect().top,
            menu: menu.clientHeight, menu_scrolls: view.getComputedStyle(menu).overflowY === "auto"};
}
onload = () => {
    const out = [...document.querySelectorAll("iframe")].map(measure);
    document.querySelector("pre").textContent = JSON.stringify(out);
};
"""


def measure(site, names, work):
    """Returns what SCRIPT measures of each page and size, or None if Chromium is not installed."""
    browser = shutil.which("chromium")
    if not browser:
        return None
    frames = ['<iframe title="%s" src="file://%s/%s.html" width="%d" height="%d" style="border: 0"></iframe>'
              % (name, site, name, *size) for name in names for size in SIZES]
    path = os.path.join(work, "frames.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write("<!DOCTYPE html>\n%s\n<pre></pre><script>%s</script>\n" % ("\n".join(frames), SCRIPT))
    # The virtual time ends when the pages are loaded. Chromium's sandbox refuses to run as root.
    options = ["--headless", "--disable-gpu", "--disable-dev-shm-usage", "--allow-file-access-from-files",
               "--virtual-time-budget=20000", "--user-data-dir=" + os.path.join(work, "profile"), "--dump-dom"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    done = subprocess.run([browser, *options, "file://" + path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          encoding="utf-8", timeout=120)
    found = re.search(r"<pre>(\[.*?)</pre>", done.stdout, re.S)
    if not found:
        raise SystemExit("chromium measured nothing: " + done.stderr)
    return json.loads(html.unescape(found.group(1)))
