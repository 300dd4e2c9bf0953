// Starts the explorer in a page of its own.

import { mount, pageTransport } from "/explorer.js";

const token = document.querySelector('meta[name="portfolio-token"]').content;
// The address is not to keep what lets a page in: people read addresses out and put them on screens.
window.history.replaceState(null, "", window.location.pathname);
mount(document.querySelector("#explorer"), pageTransport(token));
