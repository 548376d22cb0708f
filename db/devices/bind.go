package devices

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/devices"
)

// owner is whom a device is bound to, and where their codes go.
type owner struct {
	row
	OwnerID accounts.ID
	Name    string // of the person
	Phone   string
	Email   string
	Lang    string
}

// contact is where the one-time password goes: to the current phone, or by letter where
// there is none.
func (o owner) contact() (codes.Channel, string) {
	if o.Phone != "" {
		return codes.SMS, o.Phone
	}
	return codes.Mail, o.Email
}

// invited finds the device that a link leads to, while it is good.
func (s *Store) invited(ctx context.Context, link accounts.Token) (owner, error) {
	if !link.Valid() {
		return owner{}, devices.ErrNoLink
	}
	var rows []struct {
		row
		OwnerID    accounts.ID
		OwnerName  string
		OwnerPhone string
		OwnerEmail string
		OwnerLang  string
	}
	_, err := s.db.Look(ctx, db.Ask(&rows, `
		SELECT
			d.*,
			a.id AS owner_id,
			a.name AS owner_name,
			CASE WHEN a.phone_confirmed_at IS NOT NULL THEN coalesce(a.phone, '') ELSE '' END AS owner_phone,
			CASE WHEN a.email_confirmed_at IS NOT NULL THEN a.email ELSE '' END AS owner_email,
			a.lang AS owner_lang
		FROM (`+selectDevices+` WHERE d.link_hash = $1 AND d.bound_at IS NULL AND d.link_until > now()) d
		JOIN accounts a ON a.public_id = d.account`, link.Hash()))
	if err != nil {
		return owner{}, fmt.Errorf("follow the link of a device: %w", err)
	}
	if len(rows) == 0 {
		return owner{}, devices.ErrNoLink
	}
	r := rows[0]
	return owner{row: r.row, OwnerID: r.OwnerID, Name: r.OwnerName, Phone: r.OwnerPhone, Email: r.OwnerEmail, Lang: r.OwnerLang}, nil
}

func holderOf(public, visitor string) string { return "device:" + public + ":" + visitor }

// Invitation is what a link leads to, with the code that is on its way to this visitor
// already, if there is one.
func (s *Store) Invitation(ctx context.Context, link accounts.Token, visitor string) (devices.Invitation, codes.Code, bool, error) {
	o, err := s.invited(ctx, link)
	if err != nil {
		return devices.Invitation{}, codes.Code{}, false, err
	}
	channel, _ := o.contact()
	code, found, err := s.o.Codes.Latest(ctx, codes.ForDevice, holderOf(o.PublicID, visitor), channel)
	return devices.Invitation{Device: o.device(), Owner: o.OwnerID, Initials: accounts.Initials(o.Name)}, code, found, err
}

// AskCode has a one-time password sent to the owner of a device, for the visitor who
// followed the link. One that is on its way already is not sent again.
func (s *Store) AskCode(ctx context.Context, link accounts.Token, visitor string) error {
	o, err := s.invited(ctx, link)
	if err != nil {
		return err
	}
	channel, address := o.contact()
	if address == "" {
		return devices.ErrNoContact
	}
	holder := holderOf(o.PublicID, visitor)
	if _, found, err := s.o.Codes.Latest(ctx, codes.ForDevice, holder, channel); err != nil || found {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := s.o.Codes.Request(ctx, tx, codes.Request{
			Purpose: codes.ForDevice, Account: o.OwnerID, Holder: holder, Channel: channel, Address: address, Lang: o.Lang,
		})
		return err
	})
}

// Answer is the one-time password as it was typed.
type Answer struct{ Code, Typed string }

// Bind binds the device that a link leads to, once the code is good, and opens a session
// on it. token is the one by which the device is known from now on. It answers the
// problems of codes, and devices.ErrNoLink when somebody else was quicker.
func (s *Store) Bind(ctx context.Context, actor access.Actor, link accounts.Token, visitor string, answer Answer, from accounts.Place) (entry accounts.Entry, token accounts.Token, err error) {
	o, err := s.invited(ctx, link)
	if err != nil {
		return accounts.Entry{}, "", err
	}
	code, err := s.o.Codes.Try(ctx, answer.Code, codes.ForDevice, holderOf(o.PublicID, visitor), answer.Typed)
	if err != nil {
		return accounts.Entry{}, "", err
	}
	token = accounts.NewToken()
	from.Bound = token
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := s.o.Codes.Use(ctx, tx, code.ID); err != nil {
			return err
		}
		bound, err := tx.Exec(ctx, `
			UPDATE devices
			SET token_hash = $2, device = $3, bound_at = now(), link_hash = NULL, link_until = NULL
			WHERE id = $1 AND bound_at IS NULL AND link_until > now()`, o.ID, token.Hash(), from.Device)
		switch {
		case err != nil:
			return fmt.Errorf("bind device %d: %w", o.ID, err)
		case bound == 0:
			return devices.ErrNoLink
		}
		means := []accounts.Means{accounts.ByDevice, accounts.Means(code.Channel)}
		if entry, err = s.o.Sessions.EnterBound(ctx, tx, actor, o.OwnerID, means, from); err != nil {
			return err
		}
		here := access.Actor{Account: o.OwnerID, Public: o.Account, Session: entry.Session.PublicID}
		if err := s.o.Sessions.TellOf(ctx, tx, here, accounts.NoteDevice, from, map[string]any{"kind": o.Kind}); err != nil {
			return err
		}
		if err := tx.Audit(ctx, here, access.BindDevice, objectOf(o.PublicID), nil); err != nil {
			return err
		}
		return tx.Emit(ctx, devices.Changed{Account: o.Account, Device: o.PublicID})
	})
	return entry, token, err
}
