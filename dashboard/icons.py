"""Icons of our own, drawn with one stroke in a field of sixteen by sixteen."""

from collections.abc import Mapping

ICONS: Mapping[str, str] = {
    "home": '<path d="M2.5 7.2 8 2.5l5.5 4.7v6.3h-4v-4h-3v4h-4z"/>',
    "customers": '<circle cx="6" cy="5.2" r="2.7"/><path d="M1 13.5c.4-2.8 2.4-4.3 5-4.3s4.6 1.5 5 '
    '4.3M10.8 2.8a2.6 2.6 0 0 1 0 4.9M12.6 9.6c1.4.6 2.2 1.9 2.4 3.9"/>',
    "subscriptions": '<path d="M13.5 8A5.5 5.5 0 0 1 3.6 11.3M2.5 8a5.5 5.5 0 0 1 9.9-3.3"/>'
    '<path d="M12.6 1.8v3h-3M3.4 14.2v-3h3"/>',
    "invoices": '<path d="M3.5 1.5h9v13l-2.2-1.3L8 14.5l-2.3-1.3-2.2 1.3z"/>'
    '<path d="M6 5h4M6 8h4"/>',
    "payments": '<rect x="1.5" y="3.5" width="13" height="9" rx="1.5"/>'
    '<path d="M1.5 6.5h13M4 10h2"/>',
    "methods": '<rect x="1.5" y="3.5" width="13" height="9" rx="1.5"/><circle cx="11" cy="9.4" '
    'r="1.2"/><path d="M1.5 6.5h13"/>',
    "runs": '<circle cx="8" cy="8" r="6"/><path d="M6.5 5.5 10.5 8l-4 2.5z"/>',
    "plans": '<path d="M8 1.8 14 5 8 8.2 2 5z"/><path d="m2 8 6 3.2L14 8M2 11l6 3.2 6-3.2"/>',
    "addons": '<rect x="2" y="2" width="5" height="5" rx="1"/><rect x="2" y="9" '
    'width="5" height="5" rx="1"/><rect x="9" y="9" width="5" height="5" rx="1"/>'
    '<path d="M11.5 2v5M9 4.5h5"/>',
    "ledger": '<path d="M3.5 2h9v12h-9zM6 2v12M8 5h3M8 8h3"/>',
    "parked": '<circle cx="8" cy="8" r="6"/><path d="M6.4 5.8v4.4M9.6 5.8v4.4"/>',
    "audit": '<path d="M8 1.6 13.2 4v4c0 3-2.1 5.2-5.2 6.4C4.9 13.2 2.8 11 2.8 8V4z"/>'
    '<path d="m5.8 8 1.6 1.6 2.9-3.3"/>',
    "webhooks": '<circle cx="8" cy="4.2" r="2.4"/><circle cx="3.8" cy="11.6" r="2.2"/>'
    '<circle cx="12.2" cy="11.6" r="2.2"/><path d="m6.9 6.3-2.2 3.4M9.1 6.3l2.2 3.4M6 11.6h4"/>',
    "mail": '<rect x="1.5" y="3" width="13" height="10" rx="1.5"/><path d="m2 4.5 6 4.4 6-4.4"/>',
    "settings": '<path d="M2 4.5h6M11 4.5h3M2 11.5h3M8 11.5h6"/><circle cx="9.5" cy="4.5" r="1.6"/>'
    '<circle cx="6.5" cy="11.5" r="1.6"/>',
    "keys": '<circle cx="5" cy="10.8" r="3"/><path d="m7.2 8.6 6-6M11 4.8l2 2M9.2 6.6l1.4 1.4"/>',
    "docs": '<path d="M8 3.5C6.5 2.4 4.3 2.2 2 2.6v10.2c2.3-.4 4.5-.2 6 .9 1.5-1.1 3.7-1.3 6-.9V2.6'
    'c-2.3-.4-4.5-.2-6 .9zM8 3.5v10.2"/>',
    "status": '<path d="M1.5 8.5h3l2-5 3 9 2-4h3"/>',
    "search": '<circle cx="7" cy="7" r="4.6"/><path d="m10.4 10.4 3.8 3.8"/>',
    "user": '<circle cx="8" cy="5.4" r="2.9"/>'
    '<path d="M2.6 14c.5-3 2.6-4.6 5.4-4.6s4.9 1.6 5.4 4.6"/>',
    "help": '<circle cx="8" cy="8" r="6"/><path d="M6.2 6.4c0-1.1.8-1.8 1.8-1.8s1.8.7 1.8 1.7c0 '
    '1.4-1.8 1.3-1.8 2.6M8 11.2v.1"/>',
    "menu": '<path d="M2 4.5h12M2 8h12M2 11.5h12"/>',
    "more": '<path d="M3.5 8v.1M8 8v.1M12.5 8v.1" stroke-width="2.4"/>',
    "down": '<path d="m4 6 4 4 4-4"/>',
    "up": '<path d="m4 10 4-4 4 4"/>',
    "left": '<path d="m10 4-4 4 4 4"/>',
    "right": '<path d="m6 4 4 4-4 4"/>',
    "updown": '<path d="m5 6.2 3-3 3 3M5 9.8l3 3 3-3"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "cross": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "tick": '<path d="m3 8.4 3.4 3.4L13 4.6"/>',
    "columns": '<rect x="2" y="2.5" width="12" height="11" rx="1.5"/>'
    '<path d="M6 2.5v11M10 2.5v11"/>',
    "download": '<path d="M8 2v8.2M4.6 7 8 10.4 11.4 7M2.5 13.5h11"/>',
    "warning": '<path d="M8 2 14.6 13.6H1.4zM8 6.4v3.4M8 11.8v.1"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.4v3.8M8 4.9V5"/>',
    "out": '<path d="M6 2.5H2.5v11H6M6.5 8H14M11 5l3 3-3 3"/>',
    "external": '<path d="M6.5 3H3v10h10V9.5M9 2.5h4.5V7M13.5 2.5 7.5 8.5"/>',
    "sun": '<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1'
    'M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1"/>',
    "moon": '<path d="M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z"/>',
    "system": '<rect x="1.5" y="2.5" width="13" height="8.5" rx="1.5"/><path d="M5.5 14h5"/>',
    "print": '<path d="M4.5 6V2h7v4M4.5 11.5h-3V6h13v5.5h-3M4.5 9.5h7V14h-7z"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.4V8l2.4 1.6"/>',
}
