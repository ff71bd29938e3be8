// Package sigv4 checks AWS Signature Version 4 as AWS's services do. Parse reads
// the signature of a request. Secret.Verify checks it with the secret of the access
// key.
//
// It follows the rules of all services but S3: the path is escaped twice in the
// canonical request, and the body's hash is computed, never taken from a header.
// The tests compare it with the SDK's signer.
package sigv4
