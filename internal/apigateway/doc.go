// Package apigateway posts to connections through API Gateway's @connections API. It
// implements the posters of the core.
//
// A message to a room of thousands is thousands of posts, so posts take most of the
// CPU time of a delivery. The SDK's client spends most of a post on work that is the
// same every time. Poster is an HTTP/1.1 client for one stage. It writes a signed
// request into a reused buffer, sends it over a socket that it kept from an earlier
// post, and reads the answer with net/http's parser on the posting goroutine. The
// tests compare its requests with the SDK's. docs/decisions has the reasons.
package apigateway
