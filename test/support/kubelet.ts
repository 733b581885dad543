/**
 * What the kubelet does to a container's command and args: `$(NAME)` becomes the variable's value if there is one, `$$`
 * becomes `$`, and anything else stays.
 * @see https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion/expand.go
 */
export const kubeletExpand = (text: string, variables: Record<string, string>) =>
  text.replace(/\$(\$|\(([^)]*)\))/g, (whole, next: string, name: string) =>
    next === '$' ? '$' : Object.hasOwn(variables, name) ? `${variables[name]}` : whole,
  );
