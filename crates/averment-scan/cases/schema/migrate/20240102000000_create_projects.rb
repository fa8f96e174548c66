class CreateProjects < ActiveRecord::Migration[7.1]
  def up
    create_table :projects do |t|
      t.belongs_to :user, foreign_key: true
      t.string :title
      t.integer :position
      t.string :state
      t.string :xq7
    end
    create_table(:messages) do |t|
      t.references :sender, foreign_key: { to_table: :users }
      t.references :project, foreign_key: true
      t.text :body
    end
    create_table :products do |t|
      t.string :name
      t.decimal :price
    end
    create_table :mistakes do |t|
      t.string :email
    end
  end

  def down
    drop_table :projects
    drop_table :messages
  end
end
