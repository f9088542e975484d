using DropoutLab.Dropout;
using DropoutLab.Layers;
using DropoutLab.Models;

namespace DropoutLab.Tests.Models;

/// <summary>A weight layer made of weight layers.</summary>
public sealed class NestedLayersTests
{
    private static readonly Network Nested = new("nested", new ImageShape(4, 4, 3), 5, (builder, images) =>
    {
        var block = builder.WeightLayer("block", new Conv2d("first", 4, KernelSize: 3).Apply(builder, images), h =>
            new Conv2d("inner", 4, KernelSize: 1).Apply(builder, h));
        return new Linear("last", 5).Apply(builder, block);
    });

    [Fact]
    public void ALinearLayerMayHaveNoBias()
    {
        Network network = new("plain", new ImageShape(2, 2, 1), 3,
            (builder, images) => new Linear("fc", 3) { HasBias = false }.Apply(builder, images));
        Assert.Equal(["fc.weight"], network.Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void TheyAreNumberedAsTheyBeginAndDrawMasksOfTheirOwn()
    {
        Classified built = Classified.Build(Nested, 2, new DropoutSettings(DropoutRule.Standard(0.5)));

        Assert.Equal(["first", "block", "inner", "last"], built.WeightLayers.Select(layer => layer.Name));
        Assert.Equal(
            [1, 2, 3],
            DropoutLab.Graph.TopologicalOrder.Of([built.Loss]).Select(value => value.Operator)
                .OfType<DropoutLab.Graph.Operators.DrawMask>()
                .Select(draw => draw.Mask.Layer).Order());
    }
}
