// Package deliverytest has a poster and a queue that record what they are given.
package deliverytest
