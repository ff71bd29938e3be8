// Package frames answers the frames of clients. Every frame takes the same way,
// whatever its action: the rate of its connection is checked, the frame is decoded,
// the action does its work, and the result or the error becomes the frame that
// answers, with the clientId of the request.
//
// An action is an [Action]: it cannot be answered without the rate check.
package frames
