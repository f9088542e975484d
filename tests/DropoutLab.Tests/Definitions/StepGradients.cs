using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Tests.Models;

namespace DropoutLab.Tests.Definitions;

/// <summary>The gradients of one training step whose plan keeps nothing for a reader, as plans that train.</summary>
internal static class StepGradients
{
    private const int BatchSize = 21;

    /// <summary>
    /// Of every trained parameter, by name; parameters and images are the same for every backend and precision.
    /// </summary>
    /// <param name="backend">What computes.</param>
    /// <param name="network">What is trained.</param>
    /// <param name="precision">What is computed in.</param>
    /// <param name="rule">At all sites.</param>
    /// <param name="alsoRead">Values of the loss's graph that the plan keeps after all.</param>
    public static Dictionary<string, double[]> Of(
        Backend backend, Network network, Precision precision, string rule = "none", Func<Value, bool>? alsoRead = null)
    {
        using ParameterStore store = new(network.Parameters, precision);
        Classified built = Classified.Build(network, BatchSize, new DropoutSettings(DropoutRule.Parse(rule)));
        Value[] outputs = [.. TopologicalOrder.Of([built.Loss]).Where(alsoRead ?? (_ => false))];
        using Plan plan = backend.Compile(PlanRequest.Train(built.Loss, outputs, store), precision);
        System.Random random = new(7);
        foreach (Parameter parameter in store.Parameters)
            store.Write(parameter.Name, ParameterArray.Value, Numbers(random, parameter.Shape.Count));
        plan.Write(built.Images, Numbers(random, built.Images.Shape.Count));
        plan.Write(built.Labels, (int[])[.. Enumerable.Range(0, BatchSize).Select(_ => random.Next(network.OutputCount))]);
        plan.Run(seed: 3);
        return store.Parameters.Where(parameter => parameter.IsTrained)
            .ToDictionary(parameter => parameter.Name, parameter => store.Read(parameter.Name, ParameterArray.Gradient));
    }

    /// <summary>Numbers that a float holds exactly.</summary>
    private static double[] Numbers(System.Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(-64, 65) / 128.0)];
}
