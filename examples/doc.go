// Package examples tests the example apps: that an app of its own module, in the
// folder importing, can import Roomcast as a released module from the read-only
// module cache and gets functions that run, and that a new module that follows
// README.md word for word runs and answers. The app in the folder sessions brings
// an authorizer of its own.
package examples
