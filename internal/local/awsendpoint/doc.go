// Package awsendpoint is the one AWS endpoint that the functions of the local
// cloud see: their AWS_ENDPOINT_URL.
//
// A request is signed for a service: that name, in the credential scope of
// its signature, says which engine it is for. The endpoint checks the
// signature, reads from the body which permissions the call needs, and asks
// package access for each; it injects faults, counts what the call would be
// billed for, and forwards it to the engine, or to the secret store in this process
// (Secrets Manager, SSM). The engine gets the body that was judged and nothing
// else of the request; a request that can be read in two ways is refused. What
// is refused, or what no engine stands in for, is answered with an error in the
// shape that the service's SDK understands.
//
// Functions also get from it, unsigned, the key sets of token providers, which
// are no AWS service: so that faults can keep those away.
package awsendpoint
