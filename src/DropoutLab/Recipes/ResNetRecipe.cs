using System.Globalization;
using System.Text.RegularExpressions;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Optimization;
using DropoutLab.Training;

namespace DropoutLab.Recipes;

/// <summary>
/// How ResNets are trained. <c>poster</c>: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2015, section
/// 4.2. <c>quick</c>: thirty epochs whose rate goes up and down once, after Smith and Topin, "Super-Convergence", 2018.
/// </summary>
internal static partial class ResNetRecipe
{
    private static readonly TrainingRecipe Authors = new(TrainingRecipe.Poster, new TrainingOptions
    {
        Dropout = DropoutSettings.None with { Sites = [ResNet.LastLayer] }, // No normalisation is behind it: docs/mathematics.md.
        BatchSize = 128,
        LearningRate = 0.1,
        Optimizer = new Sgd(momentum: 0.9, weightDecay: 1e-4),
        Schedule = new StepDecay([0.5, 0.75], 0.1),
    })
    {
        PixelScaling = PixelScaling.PerChannel,
        Augmentation = Augmentation.CropAndFlip,
        Steps = 64_000,
    };

    private static readonly TrainingRecipe Short = Authors with
    {
        Name = TrainingRecipe.Quick,
        Steps = null,
        Options = Authors.Options with
        {
            Epochs = 30,
            Optimizer = new Sgd(momentum: 0.9, weightDecay: 5e-4),
            Schedule = new OneCycle(0.2, 25),
        },
    };

    /// <summary>The recipe of a ResNet of 6n + 2 layers.</summary>
    public static ModelRecipe Of(int depth, int width = 1) => new(
        ResNet.Name(depth, width),
        (input, classes) => ResNet.Create(depth, width, ImageShape.Of(input), classes),
        [Authors, Short]);

    /// <summary>
    /// The recipe of a name such as resnet32, or resnet20x4 with four times the channels; null for any other name.
    /// </summary>
    /// <exception cref="DropoutLabException">The depth is not 6n + 2, or the width is 0.</exception>
    public static ModelRecipe? ByName(string name)
    {
        Match match = Names().Match(name);
        if (!match.Success)
            return null;
        int width = match.Groups["width"].Success ? Number("width") : 1, depth = Number("depth");
        ResNet.CheckSize(depth, width);
        return Of(depth, width);

        int Number(string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("^resnet(?<depth>[1-9][0-9]{0,3})(x(?<width>[0-9]{1,3}))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Names();
}
