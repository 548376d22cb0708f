package notifications

import "veche/domain/event"

// TopicOf is the topic of a person's notifications: the bell, the feed and its items.
func TopicOf(account string) event.Topic { return event.NewTopic("notifications", account) }

// BellOf is the region of a person's bell, on all of their pages.
func BellOf(account string) event.Region { return event.NewRegion(TopicOf(account), "bell") }

// HeadOf is the region above a feed, where new items gather.
func HeadOf(account string, f Filter) event.Region {
	return event.NewItem(TopicOf(account), "head", f.Name())
}

// ItemOf is the region of one item.
func ItemOf(account, id string) event.Region { return event.NewItem(TopicOf(account), "item", id) }

// Told tells that people have one notification more, each the same.
type Told struct {
	Kind     Kind
	About    int64             // the key of what it is about
	Facts    map[string]string // as they were given with the kind
	Accounts []string          // public ids
	Letters  []int64           // keys of the notifications that become letters
	Texts    []int64           // and of those that become text messages
	Next     int64             // the account after which there are more to tell; 0 when all were told
}

// Name is the name of the event.
func (Told) Name() string { return "notifications.told" }

// Changes are everything each of these people sees of their notifications.
func (e Told) Changes() []event.Change {
	changes := make([]event.Change, len(e.Accounts))
	for i, account := range e.Accounts {
		changes[i].Topic = TopicOf(account)
	}
	return changes
}

// Read tells that a person has seen one of their notifications.
type Read struct{ Account, Notification string } // public ids

// Name is the name of the event.
func (Read) Name() string { return "notifications.read" }

// Changes are the bell and the item.
func (e Read) Changes() []event.Change { return item(e.Account, e.Notification) }

// AllRead tells that a person has seen all of their notifications.
type AllRead struct{ Account string } // public id

// Name is the name of the event.
func (AllRead) Name() string { return "notifications.all_read" }

// Changes are everything the person sees of their notifications.
func (e AllRead) Changes() []event.Change { return []event.Change{{Topic: TopicOf(e.Account)}} }

// Delivered tells that a letter was sent, or never will be.
type Delivered struct{ Account, Notification string } // public ids

// Name is the name of the event.
func (Delivered) Name() string { return "notifications.delivered" }

// Changes are the item.
func (e Delivered) Changes() []event.Change { return item(e.Account, e.Notification) }

func item(account, id string) []event.Change {
	return []event.Change{{Topic: TopicOf(account), IDs: []string{id}}}
}
