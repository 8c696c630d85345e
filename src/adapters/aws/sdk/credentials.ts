// Named one by one, so that the build keeps nothing else of the package.
export { defaultProvider } from "@aws-sdk/credential-provider-node";
