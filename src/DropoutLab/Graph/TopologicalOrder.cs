using DropoutLab.Graph.Operators;

namespace DropoutLab.Graph;

/// <summary>An order in which every value comes after its inputs.</summary>
internal static class TopologicalOrder
{
    /// <summary>The values that <paramref name="outputs"/> reach, depth first, each as late as its first user allows.</summary>
    /// <param name="outputs">Where to begin.</param>
    /// <param name="needsBackwardViews">Whether what only a gradient would read of a TwoPass is among them.</param>
    public static IReadOnlyList<Value> Of(IEnumerable<Value> outputs, bool needsBackwardViews = true)
    {
        List<Value> order = [];
        HashSet<Value> done = [];
        HashSet<Value> open = [];
        Stack<(Value Value, int Next)> stack = new();
        foreach (Value output in outputs)
        {
            stack.Push((output, 0));
            while (stack.TryPop(out (Value Value, int Next) top))
                Visit(top.Value, top.Next);
        }

        return order;

        void Visit(Value value, int next)
        {
            if (next == 0 && (done.Contains(value) || !open.Add(value)))
                return;
            if (next < (value.Operator is TwoPass && !needsBackwardViews ? 1 : value.Inputs.Count))
            {
                Value input = value.Inputs[next];
                stack.Push((value, next + 1));
                if (open.Contains(input) && !done.Contains(input))
                    throw new InvalidOperationException($"the graph has a cycle through {input}");
                if (!done.Contains(input))
                    stack.Push((input, 0));
                return;
            }

            done.Add(value);
            order.Add(value);
        }
    }
}
