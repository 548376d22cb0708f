// Keeps the page alive over the socket of #live. hx-ws opens it and swaps its
// frames; the parts here decide what may be swapped, tell the server what the page
// shows, and tell the person how things stand. The wire contract is in hub/doc.go,
// the elements and sentences they use in views/layout/live.templ.
import "./live/reconnect.js";
import "./live/silence.js";
import "./live/guard.js";
import "./live/control.js";
import "./live/pause.js";
import "./live/joins.js";
import "./live/beats.js";
import "./live/changes.js";
import "./live/heads.js";
import "./live/strip.js";
