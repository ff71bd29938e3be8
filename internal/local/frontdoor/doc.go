// Package frontdoor is the one AWS endpoint that the functions of the local
// cloud see: their AWS_ENDPOINT_URL.
//
// A request is signed for a service: that name, in the credential scope of
// its signature, says which engine it is for. What no engine stands in for is
// refused with an error in the shape that the service's SDK understands. The
// access key id of the signature names the function that calls.
package frontdoor
