using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Dropout;
using DropoutLab.Graph.Operators;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Models;

namespace DropoutLab.Tests.Backends;

/// <summary>Activations that the backward pass makes again, of a network whose layers are large enough for tiles.</summary>
public sealed class ActivationsMadeAgainTests
{
    private static readonly Network Residual = ResNet.Create(8, 1, new ImageShape(16, 16, 3), 4);

    [Theory]
    [InlineData("none")]
    [InlineData("standard:0.3")]
    [InlineData("forward:0.3")]
    [InlineData("backward:0.3")]
    [InlineData("augmented:0.3/0.1")]
    [InlineData("augmented-independent:0.3/0.1")]
    public void GradientsHaveTheBitsThatTheyHaveWithActivationsInMemory(string rule)
    {
        using OneDnnBackend backend = TestBackends.OneDnn();
        Dictionary<string, double[]> again = StepGradients.Of(backend, Residual, Precision.Float32, rule);
        Dictionary<string, double[]> kept = StepGradients.Of(
            backend, Residual, Precision.Float32, rule, value => value.Operator is Relu);

        Assert.All(again.Values, gradient => Assert.Contains(gradient, value => value != 0));
        Assert.Equal(kept, again);
    }

    /// <summary>
    /// Of each of the nine blocks, a step can do without the activation between the convolutions: a fifth of what gradients read.
    /// </summary>
    [Fact]
    public void TheForwardPassDoesNotKeepThem()
    {
        using OneDnnBackend backend = TestBackends.OneDnn();
        Network network = ResNet.Create(20, 1, new ImageShape(32, 32, 3), 10);
        using ParameterStore store = new(network.Parameters, Precision.Float32);
        PlanRequest request = PlanRequest.Train(
            Classified.Build(network, batchSize: 128, DropoutSettings.None).Loss, [], store);
        using Plan plan = backend.Compile(request, Precision.Float32);

        Assert.InRange((double)plan.ArenaBytes / request.BytesForGradients(Precision.Float32), 0, 0.85);
    }
}
