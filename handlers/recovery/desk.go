package recovery

import (
	"github.com/gofiber/fiber/v2"

	"veche/domain/accounts"
	"veche/domain/problem"
	"veche/domain/recovery"
	"veche/handlers"
	view "veche/views/recovery"
	"veche/views/ui"
	"veche/views/words"
)

// requestForm shows the form for those who have lost every other way (REC-07).
func (h *Handler) requestForm(c *handlers.Ctx) error {
	return h.showRequest(c, view.Request{Key: handlers.NewKey()})
}

// request puts it before the support desk.
func (h *Handler) request(c *handlers.Ctx) error {
	form := view.Request{
		Key:     handlers.ParseKey(c.FormValue("key")),
		Name:    c.FormValue(recovery.NameField),
		INN:     c.FormValue(recovery.INNField),
		Contact: c.FormValue(recovery.ContactField),
		Login:   c.FormValue(accounts.LoginField),
		Text:    c.FormValue(recovery.TextField),
	}
	plea, err := recovery.ParsePlea(form.Name, form.INN, form.Contact, form.Login, form.Text)
	if err == nil {
		err = c.Limiter().Allow(c.Context(), "recovery:request:"+c.IP(), requestLimit)
	}
	if err == nil {
		plea.Key, plea.Lang = form.Key, string(c.Lang())
		if plea.Key == "" {
			plea.Key = handlers.NewKey()
		}
		form.Number, err = h.store.Plead(c.Context(), c.Actor, plea)
	}
	if trouble, ok := problem.As(err); ok {
		form.Trouble = trouble
		if form.Key == "" {
			form.Key = handlers.NewKey()
		}
		return h.showRequest(c, form)
	}
	if err != nil {
		return err
	}
	return h.showRequest(c, form)
}

func (h *Handler) showRequest(c *handlers.Ctx, form view.Request) error {
	status := fiber.StatusOK
	if form.Trouble != nil {
		status = handlers.Status(form.Trouble)
	}
	return c.Page(handlers.Page{
		Title: words.T(c.Context(), "recovery.request.title"), Status: status, NoHeading: form.Number != "",
		Crumbs: []ui.Crumb{{Label: words.T(c.Context(), "recovery.begin.title"), Href: view.RecoveryPath}},
	}, view.RequestPage(form))
}

// desk lists what waits, the most urgent first.
func (h *Handler) desk(c *handlers.Ctx) error {
	stamps := c.Stamps(recovery.TopicDesk)
	state, waiting, newest, err := h.store.Waiting(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	list := view.Desk{Newest: newest, Head: stamps.For(recovery.HeadRegion, state), Admin: c.Actor.Has(accounts.RoleAdmin, "")}
	for _, request := range waiting {
		list.Rows = append(list.Rows, view.DeskRow{Request: request, Stamp: stamps.For(recovery.CardOf(request.ID), state)})
	}
	return c.Page(handlers.Page{Title: words.T(c.Context(), "recovery.desk.title")}, view.DeskPage(list))
}

func (h *Handler) sheet(c *handlers.Ctx) error { return h.showSheet(c, view.SheetNotes{}) }

func (h *Handler) showSheet(c *handlers.Ctx, notes view.SheetNotes) error {
	status := fiber.StatusOK
	if notes.Trouble != nil {
		status = handlers.Status(notes.Trouble)
	}
	_, sheet, err := h.store.Open(c.Context(), c.Actor, requestID(c))
	if err != nil {
		return err
	}
	return c.Page(handlers.Page{
		Title:  words.T(c.Context(), "recovery.desk.item", "Number", sheet.ID.Number(sheet.CreatedAt)),
		Status: status,
		Crumbs: []ui.Crumb{{Label: words.T(c.Context(), "recovery.desk.title"), Href: view.DeskPath}},
	}, view.SheetPage(view.Sheet{
		Request: sheet.Request, Typed: sheet.Typed, Found: sheet.Found, Masked: sheet.Masked, Compared: sheet.Compared,
		Checks: sheet.Checks, Asked: sheet.Asked, Copies: sheet.Copies, Own: sheet.Own, MayHelp: sheet.MayHelp, Notes: notes,
	}))
}

func requestID(c *handlers.Ctx) recovery.RequestID {
	return handlers.ParseID[recovery.RequestID](c.Params("id"))
}

// after shows the request again after something was done with it.
func (h *Handler) after(c *handlers.Ctx, notes view.SheetNotes, err error) error {
	trouble, ok := problem.As(err)
	if ok && trouble.Kind != problem.NotFound {
		notes.Trouble = trouble
		return h.showSheet(c, notes)
	}
	if err != nil {
		return err
	}
	return h.showSheet(c, notes)
}

func (h *Handler) askQuestions(c *handlers.Ctx) error {
	typed := make([]string, recovery.Needed)
	for at := range typed {
		typed[at] = c.FormValue(recovery.AnswerField(at))
	}
	right, err := h.store.AskQuestions(c.Context(), c.Actor, requestID(c), typed)
	return h.after(c, view.SheetNotes{Answered: err == nil, Right: right}, err)
}

func (h *Handler) second(c *handlers.Ctx) error {
	return h.after(c, view.SheetNotes{}, h.store.Second(c.Context(), c.Actor, requestID(c)))
}

func (h *Handler) lift(c *handlers.Ctx) error {
	return h.after(c, view.SheetNotes{}, h.store.Lift(c.Context(), c.Actor, requestID(c)))
}

func (h *Handler) refuse(c *handlers.Ctx) error {
	reason, err := recovery.ParseReason(c.FormValue(recovery.ReasonField))
	if err == nil {
		err = h.store.Refuse(c.Context(), c.Actor, requestID(c), reason)
	}
	return h.after(c, view.SheetNotes{}, err)
}

// issue gives out a temporary password and shows it this once.
func (h *Handler) issue(c *handlers.Ctx) error {
	secret, err := h.store.Issue(c.Context(), c.Actor, requestID(c))
	return h.after(c, view.SheetNotes{Secret: string(secret)}, err)
}

// copy hands over the copy of a paper, to be kept apart from the portal's own pages.
func (h *Handler) copy(c *handlers.Ctx) error {
	e, content, err := h.store.Copy(c.Context(), c.Actor, requestID(c), c.Params("copy"))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, e.MIME)
	c.Set(fiber.HeaderContentDisposition, "attachment")
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Send(content)
}

// blockForm shows the form with which an administrator keeps somebody out.
func (h *Handler) blockForm(c *handlers.Ctx) error {
	return h.showBlock(c, view.Block{})
}

func (h *Handler) block(c *handlers.Ctx) error {
	form := view.Block{Login: c.FormValue(accounts.LoginField), Reason: c.FormValue(recovery.ReasonField)}
	login, err := accounts.ParseLogin(form.Login)
	var reason string
	if err == nil {
		reason, err = recovery.ParseReason(form.Reason)
	}
	if err == nil {
		do := h.blocker.Block
		if c.FormValue(view.DoField) == view.DoUnblock {
			do, form.Lifted = h.blocker.Unblock, true
		}
		err = do(c.Context(), c.Actor, login, reason)
	}
	if trouble, ok := problem.As(err); ok {
		form.Trouble = trouble
		return h.showBlock(c, form)
	}
	if err != nil {
		return err
	}
	form.Done = true
	return h.showBlock(c, form)
}

func (h *Handler) showBlock(c *handlers.Ctx, form view.Block) error {
	status := fiber.StatusOK
	if form.Trouble != nil {
		status = handlers.Status(form.Trouble)
	}
	return c.Page(handlers.Page{
		Title: words.T(c.Context(), "recovery.block.title"), Status: status,
		Crumbs: []ui.Crumb{{Label: words.T(c.Context(), "recovery.desk.title"), Href: view.DeskPath}},
	}, view.BlockPage(form))
}
