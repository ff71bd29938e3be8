// Command lambdas is the program of every Roomcast function. It is built and uploaded
// once, and runs the handler that the function's setting Handler names, which Lambda
// passes as _HANDLER.
package main
