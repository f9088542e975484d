using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Optimization;
using DropoutLab.Training;

namespace DropoutLab.Recipes;

/// <summary>A network that the command knows by name, with how it is trained.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Create">Makes the network for what a datum is, and a number of outputs.</param>
/// <param name="Recipes">
/// How it is trained unless the user says otherwise; one of them is <see cref="TrainingRecipe.Poster"/>.
/// </param>
public sealed record ModelRecipe(string Name, Func<Shape, int, Network> Create, IReadOnlyList<TrainingRecipe> Recipes)
{
    private static readonly TrainingRecipe Flat =
        new(TrainingRecipe.Poster,
            new TrainingOptions { LearningRate = 0.01, Optimizer = new Sgd(momentum: 0.9, weightDecay: 1e-4) })
        {
            PixelScaling = PixelScaling.PerChannel,
        };

    /// <summary>All of them, ResNets of other depths and widths left out.</summary>
    public static IReadOnlyList<ModelRecipe> All { get; } =
    [
        new("convnet-quick", (input, classes) => ConvNetQuick.Create(ImageShape.Of(input), classes),
            [new(TrainingRecipe.Poster, new TrainingOptions())]),
        new("mlp", (input, classes) => Mlp.Create(input, classes), [Flat]),
        new("logistic-regression", (input, classes) => LogisticRegression.Create(input, classes), [Flat]),
        ResNetRecipe.Of(20),
    ];

    /// <exception cref="DropoutLabException">There is no such model.</exception>
    public static ModelRecipe Find(string name) => All.FirstOrDefault(recipe => recipe.Name == name)
        ?? DropoutLabException.Reading(SettingName.Model, name, ResNetRecipe.ByName)
        ?? throw new DropoutLabException(
            $"there is no model '{name}': choose {string.Join(", ", All.Select(recipe => recipe.Name))}, or a ResNet of 6n + 2 "
            + "layers such as resnet32, or resnet20x4 with four times the channels",
            SettingName.Model, name);

    /// <summary>The recipe that is taken unless the user names another.</summary>
    public TrainingRecipe Default => Recipe(TrainingRecipe.Poster);

    /// <exception cref="DropoutLabException">The model has no such recipe.</exception>
    public TrainingRecipe Recipe(string name) => Recipes.FirstOrDefault(recipe => recipe.Name == name)
        ?? throw new DropoutLabException(
            $"{Name} has no recipe {name}; choose {string.Join(" or ", Recipes.Select(recipe => recipe.Name))}",
            SettingName.Recipe, name);

    /// <summary>The network for a data set.</summary>
    /// <exception cref="DropoutLabException">It is one for images, and these are rows of a table.</exception>
    public Network CreateFor(ImageDataset data) =>
        Create(new ImageShape(data.Train.Height, data.Train.Width, data.Train.Channels), data.ClassNames.Count);

    /// <inheritdoc cref="CreateFor(ImageDataset)"/>
    public Network CreateFor(DatasetDescription data) => Create(data.Input, data.OutputCount);
}
