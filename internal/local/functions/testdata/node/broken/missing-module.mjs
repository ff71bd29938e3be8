import "@aws-sdk/client-none";
