package layout

import (
	"slices"

	"veche/domain/accounts"
)

// workplaces are the places in the menus for those whose work they are.
var workplaces = []struct {
	role accounts.Role
	entry
}{
	{accounts.RoleModerator, entry{"layout.menu.moderation", "/moderation/queue", "shield-check"}},
	{accounts.RoleSupport, entry{"recovery.desk.menu", "/support/recovery", "key-round"}},
	{accounts.RoleAdmin, entry{"recovery.desk.menu", "/support/recovery", "key-round"}},
}

// workplaces are those of the reader.
func (f Frame) workplaces() []entry {
	if f.Person == nil {
		return nil
	}
	var own []entry
	for _, place := range workplaces {
		if slices.Contains(f.Person.Roles, place.role) && !slices.Contains(own, place.entry) {
			own = append(own, place.entry)
		}
	}
	return own
}
