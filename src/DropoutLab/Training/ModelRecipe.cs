using DropoutLab.Data;
using DropoutLab.Models;

namespace DropoutLab.Training;

/// <summary>A network that the command knows by name, with the training options that are its defaults.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Create">Makes the network for a kind of images and a number of classes.</param>
/// <param name="Defaults">What it is trained with unless the user says otherwise.</param>
public sealed record ModelRecipe(string Name, Func<ImageShape, int, Network> Create, TrainingOptions Defaults)
{
    private static readonly TrainingOptions Flat = new()
    {
        LearningRate = 0.01,
        WeightDecay = 1e-4,
        PixelScaling = PixelScaling.PerChannel,
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ModelRecipe> All { get; } =
    [
        new("convnet-quick", ConvNetQuick.Create, new TrainingOptions()),
        new("mlp", (input, classes) => Mlp.Create(input, classes), Flat),
        new("logistic-regression", LogisticRegression.Create, Flat),
        new("resnet20", (input, classes) => ResNet.Create(20, 1, input, classes), new TrainingOptions
        {
            BatchSize = 128,
            LearningRate = 0.1,
            WeightDecay = 1e-4,
            Schedule = new([0.5, 0.75], 0.1),
            PixelScaling = PixelScaling.PerChannel,
        }),
    ];

    /// <exception cref="DropoutLabException">There is no such model.</exception>
    public static ModelRecipe Find(string name) => All.FirstOrDefault(recipe => recipe.Name == name)
        ?? throw new DropoutLabException($"there is no model '{name}': choose {string.Join(", ", All.Select(recipe => recipe.Name))}");

    /// <summary>The network for a data set.</summary>
    public Network CreateFor(ImageDataset data) =>
        Create(new ImageShape(data.Train.Height, data.Train.Width, data.Train.Channels), data.ClassNames.Count);
}
