namespace DropoutLab.Data;

/// <summary>
/// CIFAR-100: 60,000 colour images of 32×32, 50,000 of them for training, in a hundred classes, which the same files gather into
/// twenty superclasses of five. Read from the authors' binary records, lying in the folder, in its sub-folder
/// <c>cifar-100-binary</c>, or in the archive <c>cifar-100-binary.tar.gz</c>.
/// </summary>
/// <remarks>Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.</remarks>
internal sealed class Cifar100 : CifarSource
{
    private const int LabelLength = 2; // the superclass, then the class

    private Cifar100(string name, string title, int labelPosition, string[] classNames, PublishedDigests published)
        : base(
            "cifar-100-binary",
            new RemoteFile(
                new Uri("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"), "03b5dce01913d631647c71ecec9e9cb8"),
            new CifarFormat("CIFAR-100", LabelLength, labelPosition, classNames.Length),
            [new CifarFile("train.bin", RecordCount: 50_000)],
            new CifarFile("test.bin", RecordCount: 10_000),
            published)
    {
        Name = name;
        Title = title;
        ClassNames = classNames;
    }

    public override string Name { get; }

    public override string Title { get; }

    public override IReadOnlyList<string> ClassNames { get; }

    /// <summary>The images with their classes.</summary>
    public static Cifar100 Fine() => new(
        "cifar100", "CIFAR-100", labelPosition: 1, Classes,
        new PublishedDigests(Train: "dd8c37f424d1d0ba47f059bee6dd77d1", Test: "a1567933e2303a6417b1c53df4732feb"));

    /// <summary>The images with their superclasses.</summary>
    public static Cifar100 Coarse() => new(
        "cifar100-coarse", "CIFAR-100's superclasses", labelPosition: 0, Superclasses,
        new PublishedDigests(Train: "ecc000234e7a2a6225bb3f633637ae3c", Test: "8d31e41b2e5d1abd71b3af167c24ed24"));

    // As the authors' fine_label_names.txt and coarse_label_names.txt list them.
    private static string[] Classes =>
    [
        "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy", "bridge",
        "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud",
        "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl",
        "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man",
        "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear",
        "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road",
        "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider", "squirrel",
        "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor",
        "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
    ];

    private static string[] Superclasses =>
    [
        "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables", "household_electrical_devices",
        "household_furniture", "insects", "large_carnivores", "large_man-made_outdoor_things", "large_natural_outdoor_scenes",
        "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates", "people", "reptiles", "small_mammals",
        "trees", "vehicles_1", "vehicles_2",
    ];
}
