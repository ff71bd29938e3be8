// Package sigv4 checks AWS Signature Version 4 as AWS's services do: it reads
// what a request says about its signature (Parse) and, with the secret that
// belongs to the access key, whether that is true (Secret.Verify).
//
// It follows the rules of all services but S3: the path is escaped once more
// before it is signed, and the body's hash is computed, never taken from a
// header. Signing is the SDK's business; the tests hold the two together.
package sigv4
