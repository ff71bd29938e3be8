// Package inbox notifies users. A notification is put into the inbox of each user it
// is for, where it waits until it is acknowledged, and it is posted to the user's
// connections. An inbox that is full drops notifications of the sender that has the
// most in it.
package inbox
