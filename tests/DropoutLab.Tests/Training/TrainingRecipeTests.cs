using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Graph;
using DropoutLab.Optimization;
using DropoutLab.Recipes;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

public sealed class TrainingRecipeTests
{
    private static readonly TrainingRecipe BySteps = new(TrainingRecipe.Poster, new TrainingOptions
    {
        BatchSize = 128,
        LearningRate = 0.1,
        Schedule = new StepDecay([0.5, 0.75], 0.1),
    })
    {
        Steps = 64_000,
        Augmentation = Augmentation.CropAndFlip,
    };

    /// <summary>⌈64,000 / ⌈N / batch size⌉⌉, as of 391 steps an epoch for 50,000 images in batches of 128.</summary>
    [Theory]
    [InlineData(50_000, null, 164)]
    [InlineData(50_000, 100, 128)]
    [InlineData(50_000, 101, 130)]
    [InlineData(73_257, null, 112)]
    [InlineData(60_000, 65_536, 64_000)]
    public void StepsBecomeTheFewestWholeEpochsThatHaveThem(int images, int? batchSize, int epochs)
    {
        TrainingOptions options = BySteps.For(MadeUp(images, mirrorsKeepClass: true), batchSize).Options;

        Assert.Equal((epochs, batchSize ?? 128), (options.Epochs, options.BatchSize));
        Assert.Equal(BySteps.Options, options with { Epochs = BySteps.Options.Epochs, BatchSize = 128 });
    }

    [Theory]
    [InlineData(null)]
    [InlineData(7)]
    public void ANumberOfEpochsIsThatOnAnyDataSet(int? batchSize)
    {
        TrainingRecipe recipe = new(TrainingRecipe.Quick, new TrainingOptions { Epochs = 30 });

        Assert.Equal(30, recipe.For(MadeUp(1_000, mirrorsKeepClass: true), batchSize).Options.Epochs);
    }

    [Theory]
    [InlineData("crop+flip", true, "crop+flip")]
    [InlineData("crop+flip", false, "crop")]
    [InlineData("flip", false, "none")]
    [InlineData("none", true, "none")]
    public void WhatMayNotBeMirroredIsNot(string augmentation, bool mirrorsKeepClass, string expected)
    {
        TrainingRecipe recipe =
            new(TrainingRecipe.Poster, new TrainingOptions()) { Augmentation = Augmentation.Parse(augmentation) };

        Assert.Equal(expected, $"{recipe.For(MadeUp(100, mirrorsKeepClass)).Augmentation}");
    }

    [Theory]
    [InlineData("cifar10", 50_000, true)]
    [InlineData("cifar100", 50_000, true)]
    [InlineData("cifar100-coarse", 50_000, true)]
    [InlineData("fashion-mnist", 60_000, true)]
    [InlineData("svhn", 73_257, false)]
    [InlineData("svhn-extra", 604_388, false)]
    public void DataSetsSayHowManyImagesTheyHaveAndWhetherMirrorImagesAreTheSameClass(
        string name, int images, bool mirrorsKeepClass)
    {
        DatasetSource source = DatasetCatalog.Find(name);

        Assert.Equal((images, mirrorsKeepClass), (source.TrainCount, source.MirrorsKeepClass));
    }

    [Fact]
    public void EveryModelHasThePostersRecipeAndNoneTwice() => Assert.All(ModelRecipe.All, model =>
    {
        Assert.Contains(TrainingRecipe.Poster, model.Recipes.Select(recipe => recipe.Name));
        Assert.Equal(model.Recipes.Count, model.Recipes.Select(recipe => recipe.Name).Intersect(TrainingRecipe.Names).Count());
        Assert.Equal(model.Recipe(TrainingRecipe.Poster), model.Default);
    });

    [Theory]
    [InlineData("resnet20", "fc")]
    [InlineData("resnet32x2", "fc")]
    [InlineData("convnet-quick", "all")]
    [InlineData("mlp", "all")]
    public void DropoutGoesWhereNoNormalisationFollows(string name, string sites) =>
        Assert.All(ModelRecipe.Find(name).Recipes, recipe => Assert.Equal(sites, recipe.Options.Dropout.Sites.ToString()));

    /// <summary>
    /// 0.1, and a tenth of it at 32,000 and at 48,000 of 64,000 steps; up on a line for a fifth of the run, and down to 0.
    /// </summary>
    [Theory]
    [InlineData("poster", 0, 0.1)]
    [InlineData("poster", 31_999, 0.1)]
    [InlineData("poster", 32_000, 0.01)]
    [InlineData("poster", 47_999, 0.01)]
    [InlineData("poster", 48_000, 0.001)]
    [InlineData("poster", 63_999, 0.001)]
    [InlineData("quick", 0, 0.004)]
    [InlineData("quick", 6_400, 0.052)]
    [InlineData("quick", 12_800, 0.1)]
    [InlineData("quick", 38_400, 0.05)]
    [InlineData("quick", 63_999, 0.1 / 51_200)]
    public void AResNetsLearningRateIs(string recipe, long step, double rate)
    {
        TrainingOptions options =
            ModelRecipe.Find("resnet20").Recipe(recipe).For(DatasetCatalog.Find("cifar10").Description).Options;

        Assert.Equal(rate, options.Schedule.At(options.LearningRate, step, 64_000), 1e-12);
    }

    [Fact]
    public void ABatchOfNoneIsRefused() =>
        Assert.Equal("the batch size must be from 1 to 65536, not 0",
            Assert.Throws<DropoutLabException>(() => BySteps.For(DatasetCatalog.Find("svhn").Description, 0)).Message);

    [Fact]
    public void ARecipeThatTheModelLacksIsAnErrorThatNamesThoseItHas()
    {
        ModelRecipe model = ModelRecipe.Find("mlp") with { Recipes = [BySteps, BySteps with { Name = "slow" }] };

        Assert.Equal(
            "mlp has no recipe quick; choose poster or slow",
            Assert.Throws<DropoutLabException>(() => model.Recipe(TrainingRecipe.Quick)).Message);
    }

    private static DatasetDescription MadeUp(int trainCount, bool mirrorsKeepClass) =>
        new(new Shape(32, 32, 3), ["a", "b"], trainCount, mirrorsKeepClass);
}
