// Package devices serves a person's bound devices, and the page on which a new one is
// bound.
package devices

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	devicesdb "veche/db/devices"
	"veche/domain/access"
	"veche/domain/devices"
	"veche/domain/event"
	"veche/handlers"
	"veche/hub"
	view "veche/views/devices"
	"veche/views/layout"
)

// Handler serves devices.
type Handler struct {
	store    *devicesdb.Store
	absolute func(path string) string // the address of a page for other devices
}

// New makes the handler.
func New(store *devicesdb.Store, absolute func(path string) string) *Handler {
	return &Handler{store: store, absolute: absolute}
}

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	const one, sample = layout.DevicesPath + "/:device", layout.DevicesPath + "/sample"
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: layout.DevicesPath, Action: access.ReadDevices, Handle: h.list},
		{Method: fiber.MethodPost, Path: layout.DevicesPath, Action: access.ChangeDevices, Handle: h.add},
		{Method: fiber.MethodGet, Path: view.AddPath, Action: access.ChangeDevices, Handle: h.addPage},
		{Method: fiber.MethodGet, Path: one, Action: access.ReadDevices, Handle: h.card, Sample: sample, Personal: true},
		{Method: fiber.MethodPost, Path: one, Action: access.ChangeDevices, Handle: h.limit, Sample: sample, Personal: true},
		{Method: fiber.MethodGet, Path: one + "/unbind", Action: access.UnbindDevice, Handle: h.unbindPage, Sample: sample + "/unbind", Personal: true},
		{Method: fiber.MethodPost, Path: one + "/unbind", Action: access.UnbindDevice, Handle: h.unbind, Sample: sample + "/unbind", Personal: true},
		{Method: fiber.MethodGet, Path: "/devices/:link", Action: access.BindDevice, Handle: h.bindPage, Sample: "/devices/sample", Personal: true},
		{Method: fiber.MethodPost, Path: "/devices/:link", Action: access.BindDevice, Handle: h.bind, Sample: "/devices/sample", Personal: true},
		{Method: fiber.MethodPost, Path: "/devices/:link/code", Action: access.BindDevice, Handle: h.askCode, Sample: "/devices/sample/code", Personal: true},
	}
}

// Live registers the drawer of the area's regions.
func (h *Handler) Live(s *handlers.Server) { s.Live("devices", "item", h.draw) }

// draw draws devices in lists and cards that are looked at; those that were unbound are
// gone.
func (h *Handler) draw(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, found, err := h.store.Some(ctx, handlers.Each(wanted, keyOf))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		device, known := found[keyOf(w.Region)]
		if !known {
			return nil
		}
		return view.Device(device, stamp)
	})
}

func keyOf(r event.Region) devicesdb.Key {
	return devicesdb.Key{Account: r.Topic().ID(), ID: r.Item()}
}

func stampsOf(c *handlers.Ctx) handlers.Stamps { return c.Stamps(devices.TopicOf(c.Actor.Public)) }
