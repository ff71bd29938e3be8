// Package awsendpoint is the only AWS endpoint that the functions of the local
// cloud see: their AWS_ENDPOINT_URL.
//
// The credential scope of a request's signature names the service, which selects
// the engine. The endpoint checks the signature, reads the required permissions
// from the body, and asks package access for each. It injects faults, meters what
// AWS would bill, and forwards the call to the engine, or to the secret store in
// this process (Secrets Manager, SSM).
//
// The engine gets exactly the body that was authorized and nothing else of the
// request. A request that can be read in two ways is refused. Refusals, and calls
// to services without an engine, are answered with an error in the format that the
// service's SDK understands.
//
// Functions also fetch the key sets of token providers through it, unsigned, so
// that faults can block them.
package awsendpoint
