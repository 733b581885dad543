/** Settings that decide about pods, and that the Deployment of an installation shows. */
export const givenSettings = ['strategy', 'nativeFrom', 'allowedAnnotations', 'defaults', 'namespaceDefaults'] as const;
export type GivenSetting = (typeof givenSettings)[number];
