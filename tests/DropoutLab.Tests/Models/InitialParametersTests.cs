using System.Globalization;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Recipes;

namespace DropoutLab.Tests.Models;

/// <summary>
/// How the parameters of each model begin, and what multiplies their rate and their decay: Caffe's quick solver for
/// ConvNet-Quick, He's √(2/inputs) of a weight layer for the others, and a decay factor of 1 everywhere.
/// </summary>
public sealed class InitialParametersTests
{
    [Fact]
    public void ConvNetQuickBeginsAsCaffes() => Assert.Equal(
        [
            "conv1.weight [32, 3, 5, 5] 0.0001 1 1",
            "conv1.bias [32] 0 2 1",
            "conv2.weight [32, 32, 5, 5] 0.01 1 1",
            "conv2.bias [32] 0 2 1",
            "conv3.weight [64, 32, 5, 5] 0.01 1 1",
            "conv3.bias [64] 0 2 1",
            "fc1.weight [64, 1024] 0.1 1 1",
            "fc1.bias [64] 0 2 1",
            "fc2.weight [10, 64] 0.1 1 1",
            "fc2.bias [10] 0 2 1",
        ],
        Lines("convnet-quick"));

    [Fact]
    public void AMultilayerPerceptronBeginsAfterHe() => Assert.Equal(
        [
            "fc1.weight [512, 3072] 0.0255155 1 1",
            "fc1.bias [512] 0 1 1",
            "fc2.weight [512, 512] 0.0625 1 1",
            "fc2.bias [512] 0 1 1",
            "fc3.weight [10, 512] 0.0625 1 1",
            "fc3.bias [10] 0 1 1",
        ],
        Lines("mlp"));

    [Fact]
    public void LogisticRegressionBeginsAtZero() =>
        Assert.Equal(["fc.weight [10, 3072] 0 1 1", "fc.bias [10] 0 1 1"], Lines("logistic-regression"));

    /// <summary>√(2/27), √(2/144), √(2/288), √(2/576) and √(2/64).</summary>
    [Fact]
    public void AResNetsWeightsBeginAfterHe() => Assert.Equal(
        [
            "conv1.weight [16, 3, 3, 3] 0.272166 1 1",
            "stage1.block1.conv1.weight [16, 16, 3, 3] 0.117851 1 1",
            "stage1.block1.conv2.weight [16, 16, 3, 3] 0.117851 1 1",
            "stage1.block2.conv1.weight [16, 16, 3, 3] 0.117851 1 1",
            "stage1.block2.conv2.weight [16, 16, 3, 3] 0.117851 1 1",
            "stage1.block3.conv1.weight [16, 16, 3, 3] 0.117851 1 1",
            "stage1.block3.conv2.weight [16, 16, 3, 3] 0.117851 1 1",
            "stage2.block1.conv1.weight [32, 16, 3, 3] 0.117851 1 1",
            "stage2.block1.conv2.weight [32, 32, 3, 3] 0.0833333 1 1",
            "stage2.block2.conv1.weight [32, 32, 3, 3] 0.0833333 1 1",
            "stage2.block2.conv2.weight [32, 32, 3, 3] 0.0833333 1 1",
            "stage2.block3.conv1.weight [32, 32, 3, 3] 0.0833333 1 1",
            "stage2.block3.conv2.weight [32, 32, 3, 3] 0.0833333 1 1",
            "stage3.block1.conv1.weight [64, 32, 3, 3] 0.0833333 1 1",
            "stage3.block1.conv2.weight [64, 64, 3, 3] 0.0589256 1 1",
            "stage3.block2.conv1.weight [64, 64, 3, 3] 0.0589256 1 1",
            "stage3.block2.conv2.weight [64, 64, 3, 3] 0.0589256 1 1",
            "stage3.block3.conv1.weight [64, 64, 3, 3] 0.0589256 1 1",
            "stage3.block3.conv2.weight [64, 64, 3, 3] 0.0589256 1 1",
            "fc.weight [10, 64] 0.176777 1 1",
            "fc.bias [10] 0 1 1",
        ],
        Lines("resnet20").Where(line => !line.Contains(".norm.", StringComparison.Ordinal)));

    /// <summary>γ and β learn and decay as weights do; the running averages do not learn.</summary>
    [Fact]
    public void AResNetsNormalisationsBeginAsTheIdentity()
    {
        Parameter[] all = [.. Create("resnet20").Parameters],
            norms = [.. all.Where(parameter => parameter.Name.Contains(".norm.", StringComparison.Ordinal))];

        Assert.Equal(
            ["conv1.weight", "conv1.norm.scale", "conv1.norm.shift", "conv1.norm.running_mean", "conv1.norm.running_variance",
                "stage1.block1.conv1.weight"],
            all.Take(6).Select(parameter => parameter.Name));
        Assert.Equal((97, 4 * 19), (all.Length, norms.Length));
        Assert.Equal(
            [
                "running_mean [16] 0 1 1 around 0, trained False: 7",
                "running_mean [32] 0 1 1 around 0, trained False: 6",
                "running_mean [64] 0 1 1 around 0, trained False: 6",
                "running_variance [16] 0 1 1 around 1, trained False: 7",
                "running_variance [32] 0 1 1 around 1, trained False: 6",
                "running_variance [64] 0 1 1 around 1, trained False: 6",
                "scale [16] 0 1 1 around 1, trained True: 7",
                "scale [32] 0 1 1 around 1, trained True: 6",
                "scale [64] 0 1 1 around 1, trained True: 6",
                "shift [16] 0 1 1 around 0, trained True: 7",
                "shift [32] 0 1 1 around 0, trained True: 6",
                "shift [64] 0 1 1 around 0, trained True: 6",
            ],
            norms.CountBy(Kind).Select(kind => $"{kind.Key}: {kind.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AResNetsNormalisationsHaveTheEpsilonOfTheDocumentation()
    {
        Classified built = Classified.Build(Create("resnet20"), 2, DropoutSettings.None);

        ChannelNorm[] norms = [.. TopologicalOrder.Of([built.Loss]).Select(value => value.Operator).OfType<ChannelNorm>()];

        Assert.Equal(19, norms.Length);
        Assert.All(norms, norm => Assert.Equal(1e-5, norm.Epsilon));
    }

    /// <summary>√(2/(5·3·3)).</summary>
    [Fact]
    public void AConvolutionOfOnesOwnBeginsAfterHe()
    {
        Network network = new("own", new ImageShape(3, 3, 5), 4, (builder, images) =>
            Operations.Flatten(new Conv2d("conv", 4, KernelSize: 3).Apply(builder, images)));

        Assert.Equal(["conv.weight [4, 5, 3, 3] 0.210819 1 1", "conv.bias [4] 0 1 1"], network.Parameters.Select(Line));
        Assert.Equal(Math.Sqrt(2 / 45.0), network.Parameters[0].InitialStandardDeviation, 1e-15);
    }

    private static Network Create(string model) => ModelRecipe.Find(model).Create(new ImageShape(32, 32, 3), 10);

    private static IEnumerable<string> Lines(string model) => Create(model).Parameters.Select(Line);

    private static string Kind(Parameter norm)
    {
        Parameter ofAny = norm with { Name = norm.Name.Split('.')[^1] };
        return string.Create(CultureInfo.InvariantCulture, $"{Line(ofAny)} around {norm.InitialMean}, trained {norm.IsTrained}");
    }

    /// <summary>Name, shape, standard deviation at the start, and the factors of rate and decay.</summary>
    private static string Line(Parameter parameter) => string.Create(
        CultureInfo.InvariantCulture,
        $"{parameter.Name} {parameter.Shape} {parameter.InitialStandardDeviation:g6} {parameter.RateFactor} "
            + $"{parameter.DecayFactor}");
}
