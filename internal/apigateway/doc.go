// Package apigateway posts to connections through API Gateway's @connections
// API. It implements the poster of package realtime.
//
// A room of thousands is thousands of posts, so that a post is what the
// product spends most of its time on. The SDK's client spends most of a post
// on what is the same every time. Poster is an HTTP/1.1 client of its own for
// one stage: it writes a signed request into a buffer that is used again,
// sends it over a socket that was kept from an earlier post, and reads the
// answer on the goroutine that posts. What it sends is what the SDK's client
// would send, and the tests hold the two together.
package apigateway
