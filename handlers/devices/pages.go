package devices

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/draw"
	"image/png"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/gofiber/fiber/v2"

	"veche/domain/devices"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/devices"
	"veche/views/layout"
	"veche/views/ui"
	"veche/views/words"
)

// list shows the person's devices.
func (h *Handler) list(c *handlers.Ctx) error {
	stamps := stampsOf(c)
	state, all, err := h.store.Devices(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	items := make([]view.Item, len(all))
	for i, d := range all {
		items[i] = view.Item{Device: d, Stamp: stamps.For(devices.ItemOf(c.Actor.Public, d.PublicID), state)}
	}
	return c.Page(handlers.Page{Title: words.T(c.Context(), "devices.title")}, view.ListPage(items))
}

func (h *Handler) crumbs(c *handlers.Ctx) []ui.Crumb {
	return []ui.Crumb{{Label: words.T(c.Context(), "devices.title"), Href: layout.DevicesPath}}
}

// addPage asks which device is to be bound.
func (h *Handler) addPage(c *handlers.Ctx) error {
	return h.showAdd(c, fiber.StatusOK, view.AddForm{Offer: devices.Offer{Kind: devices.Phone, Way: devices.QR}})
}

func (h *Handler) showAdd(c *handlers.Ctx, status int, form view.AddForm) error {
	form.SMS = h.store.SMSOffered()
	title := words.T(c.Context(), "devices.form.title")
	return c.Page(handlers.Page{Title: title, Crumbs: h.crumbs(c), Status: status}, view.AddPage(form))
}

// add offers the device.
func (h *Handler) add(c *handlers.Ctx) error {
	offer, err := devices.ParseOffer(c.FormValue(devices.KindField), c.FormValue(devices.NameField), c.FormValue(devices.WayField))
	var public string
	if err == nil {
		public, err = h.store.Add(c.Context(), c.Actor, offer)
	}
	if trouble, ok := problem.As(err); ok && len(trouble.Fields) > 0 {
		return h.showAdd(c, handlers.Status(trouble), view.AddForm{Offer: offer, Trouble: trouble})
	}
	if err != nil {
		return err
	}
	return c.See(view.Href(public))
}

// card shows one device: the link while it waits, its limits once it is bound.
func (h *Handler) card(c *handlers.Ctx) error { return h.showCard(c, fiber.StatusOK, nil) }

func (h *Handler) showCard(c *handlers.Ctx, status int, trouble *problem.Error) error {
	stamps := stampsOf(c)
	state, device, err := h.store.One(c.Context(), c.Actor, c.Params("device"))
	if err != nil {
		return err
	}
	card := view.Card{
		Item:    view.Item{Device: device, Stamp: stamps.For(devices.ItemOf(c.Actor.Public, device.PublicID), state)},
		Saved:   c.Query("saved") != "",
		Trouble: trouble,
	}
	if device.Status() == devices.Waiting && device.Way == devices.QR {
		card.Link = h.absolute(view.LinkHref(h.store.Link(device.PublicID)))
		if card.QR, err = picture(card.Link); err != nil {
			return err
		}
	}
	return c.Page(handlers.Page{Title: device.Name, Crumbs: h.crumbs(c), Status: status}, view.CardPage(card))
}

// The picture's width and height in pixels, and the quiet zone around it, without which
// no camera finds it on a dark page.
const (
	qrSide  = 512
	qrQuiet = 48
)

// picture draws a link as a QR code (ISO/IEC 18004), as a data: URL.
func picture(link string) (string, error) {
	code, err := qr.Encode(link, qr.M, qr.Auto)
	if err == nil {
		code, err = barcode.Scale(code, qrSide, qrSide)
	}
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	framed := image.NewGray(image.Rect(0, 0, qrSide+2*qrQuiet, qrSide+2*qrQuiet))
	draw.Draw(framed, framed.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(framed, code.Bounds().Add(image.Pt(qrQuiet, qrQuiet)), code, image.Point{}, draw.Src)
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, framed); err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(drawn.Bytes()), nil
}

// limit sets what the device may do.
func (h *Handler) limit(c *handlers.Ctx) error {
	public := c.Params("device")
	reach, err := devices.ParseReach(c.FormValue(devices.ReachField))
	if trouble, ok := problem.As(err); ok {
		return h.showCard(c, handlers.Status(trouble), trouble)
	}
	if err := h.store.Limit(c.Context(), c.Actor, public, reach, c.FormValue("notices") != ""); err != nil {
		return err
	}
	return c.See(view.Href(public) + "?saved=1")
}

// unbindPage asks whether the person means it.
func (h *Handler) unbindPage(c *handlers.Ctx) error {
	_, device, err := h.store.One(c.Context(), c.Actor, c.Params("device"))
	if err != nil {
		return err
	}
	title := words.T(c.Context(), "devices.unbinding.title")
	return c.Page(handlers.Page{Title: title, Crumbs: h.crumbs(c)}, view.UnbindPage(device))
}

// unbind does it.
func (h *Handler) unbind(c *handlers.Ctx) error {
	if err := h.store.Unbind(c.Context(), c.Actor, c.Params("device")); err != nil {
		return err
	}
	return c.See(layout.DevicesPath)
}
