// The script of every page: htmx with its socket extension, and the portal's own
// small parts. Pages read and send forms without it.
import "htmx.org";
import "htmx.org/dist/ext/hx-ws.js";
import "./live.js";
import "./moves.js";
import "./focus.js";
import "./panels.js";
import "./sending.js";
import "./desk.js";
import "./idle.js";
import "./password.js";
import "./passkeys.js";
import "./paper.js";
import "./trouble.js";
