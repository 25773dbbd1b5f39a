/** Whether a name that nobody has proven yet recovers an account: until another one is proven, never, or always. */
export type UnprovenRecovery = 'first' | 'never' | 'always'
